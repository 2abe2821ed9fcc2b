import { type Nanodollars, nanodollars } from "../money/nanodollars.ts";
import type { AccountName } from "./chart-of-accounts.ts";
import { selectCrossings } from "./crossing-store.ts";
import type { LedgerDatabase } from "./ledger-store.ts";

/** One threshold crossed once, for ever: `epoch` counts how often the threshold was armed. `balance` is the posted balance then. */
export type Crossing = {
  readonly name: string;
  readonly epoch: number;
  readonly level: Nanodollars;
  readonly balance: Nanodollars;
  readonly crossedAt: Date;
};

/** Every crossing of an account, oldest first, at most the latest 1,000. */
export async function listCrossings(database: LedgerDatabase, account: AccountName): Promise<readonly Crossing[]> {
  const rows = await selectCrossings(database, account);
  return rows.map(({ name, epoch, level, balance, crossedAt }) => ({
    name,
    epoch: Number(epoch),
    level: nanodollars(BigInt(level)),
    balance: nanodollars(BigInt(balance)),
    crossedAt,
  }));
}
