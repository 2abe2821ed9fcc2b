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

/** How far crossings are known already: the last epoch by threshold name. A name that is not there is not known at all. */
export type KnownEpochs = Readonly<Record<string, number>>;

/** How many crossings one page holds at most. */
export const CROSSINGS_PAGE = 1_000;

/**
 * The crossings of an account beyond `known`, oldest first, at most {@link CROSSINGS_PAGE}. Epochs of one threshold only grow and a page
 * leaves out none between the first and the last it names, so a reader that keeps the highest epoch of each name misses nothing.
 */
export async function listCrossings(
  database: LedgerDatabase,
  account: AccountName,
  known: KnownEpochs = {},
): Promise<readonly Crossing[]> {
  const rows = await selectCrossings(database, { account, known, limit: CROSSINGS_PAGE });
  return rows.map(({ name, epoch, level, balance, crossedAt }) => ({
    name,
    epoch: Number(epoch),
    level: nanodollars(BigInt(level)),
    balance: nanodollars(BigInt(balance)),
    crossedAt,
  }));
}
