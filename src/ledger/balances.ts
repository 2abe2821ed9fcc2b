import { type Nanodollars, nanodollars } from "../money/nanodollars.ts";
import { type BalanceRow, lockBalanceRow, selectBalances } from "./account-store.ts";
import type { AccountName } from "./chart-of-accounts.ts";
import { UnknownAccount } from "./errors.ts";
import type { LedgerDatabase } from "./ledger-store.ts";

/** A customer account at one moment. `posted` is what is owned, `held` is reserved by open holds, `available` is the difference. */
export type Balance = {
  readonly available: Nanodollars;
  readonly held: Nanodollars;
  readonly posted: Nanodollars;
  /** Grows with every transfer of the account: of two balances the one with the higher sequence is the later. */
  readonly sequence: number;
  /** The least `available` may be: minus the credit line. */
  readonly floor: Nanodollars;
  readonly thresholds: readonly {
    readonly name: string;
    readonly level: Nanodollars;
    /** False once crossed, until a credit lifts the balance clear of it. */
    readonly armed: boolean;
    readonly epoch: number;
  }[];
};

/** Reads one balance by its key. Throws {@link UnknownAccount}. */
export async function readBalance(database: LedgerDatabase, account: AccountName): Promise<Balance> {
  const [row] = await selectBalances(database, [account]);
  if (row === undefined) throw new UnknownAccount();
  return balanceOf(row);
}

/**
 * Reads one balance and holds it until the caller's transaction commits: no posting moves it meanwhile. Lock what else is needed first,
 * and commit soon. Throws {@link UnknownAccount}.
 */
export async function readLockedBalance(transaction: LedgerDatabase, account: AccountName): Promise<Balance> {
  await lockBalanceRow(transaction, account);
  return readBalance(transaction, account);
}

/** Reads many balances in one query; accounts that are not open are left out. */
export async function readBalances(
  database: LedgerDatabase,
  accounts: readonly AccountName[],
): Promise<ReadonlyMap<string, Balance>> {
  const rows = await selectBalances(database, accounts);
  return new Map(rows.map((row) => [row.account, balanceOf(row)]));
}

function balanceOf(row: BalanceRow): Balance {
  const [available, held] = [BigInt(row.balance), BigInt(row.held)];
  return {
    available: nanodollars(available),
    held: nanodollars(held),
    posted: nanodollars(available + held),
    sequence: Number(row.version),
    floor: nanodollars(BigInt(row.floor)),
    thresholds: row.thresholds.map(({ name, level, armed, epoch }) => ({
      name,
      level: nanodollars(BigInt(level)),
      armed,
      epoch,
    })),
  };
}
