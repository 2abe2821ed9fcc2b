import { arrayLiteral, textArrayLiteral } from "./array-literal.ts";
import type { AccountName } from "./chart-of-accounts.ts";
import type { LedgerDatabase } from "./ledger-store.ts";

/** A threshold as stored: crossed at or below `level`, armed again above `rearmAbove`. */
export type StoredThreshold = { readonly name: string; readonly level: bigint; readonly rearmAbove: bigint };

/** One balance row with its thresholds, as text where it is a number of 64 bits. */
export type BalanceRow = {
  readonly account: string;
  readonly balance: string;
  readonly held: string;
  readonly floor: string;
  readonly version: string;
  readonly thresholds: readonly {
    readonly name: string;
    readonly level: string;
    readonly armed: boolean;
    readonly epoch: number;
  }[];
};

/** Opens the account, or finds it open; answers its number. */
export async function openAccountRow(
  database: LedgerDatabase,
  input: {
    readonly account: AccountName;
    readonly creditLine: bigint;
    readonly wakeSubject: string | null;
    readonly thresholds: readonly StoredThreshold[];
  },
): Promise<string> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly id: string }[] }>(
    "SELECT open_account(?, ?, ?, NULL, ?::text[], ?::bigint[], ?::bigint[]) AS id",
    [input.account, `${-input.creditLine}`, input.wakeSubject, ...thresholdArrays(input.thresholds)],
  );
  return rows[0]?.id ?? "";
}

/** Replaces the account's thresholds; answers the names of those it crossed at once. Unknown account: SQLSTATE 23503. */
export async function setThresholdRows(
  database: LedgerDatabase,
  account: AccountName,
  thresholds: readonly StoredThreshold[],
): Promise<readonly string[]> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly crossed: readonly string[] }[] }>(
    "SELECT set_thresholds((SELECT id FROM ledger_accounts WHERE name = ?), ?::text[], ?::bigint[], ?::bigint[]) AS crossed",
    [account, ...thresholdArrays(thresholds)],
  );
  return rows[0]?.crossed ?? [];
}

/** Moves the floor. In use: SQLSTATE 23514. Answers whether the account exists. */
export async function setCreditLineRow(
  database: LedgerDatabase,
  account: AccountName,
  creditLine: bigint,
): Promise<boolean> {
  const { rows } = await database.raw<{ readonly rows: readonly unknown[] }>(
    "SELECT set_credit_line(id, ?) FROM ledger_accounts WHERE name = ? AND id > 0 AND id % 2 = 0",
    [`${creditLine}`, account],
  );
  return rows.length === 1;
}

/** Sets whom the account wakes; answers whether it exists. */
export async function setWakeSubjectRow(
  database: LedgerDatabase,
  input: { readonly account: AccountName; readonly wakeSubject: string },
): Promise<boolean> {
  const { rows } = await database.raw<{ readonly rows: readonly unknown[] }>(
    "SELECT set_wake_subject(id, ?) FROM ledger_accounts WHERE name = ? AND id > 0 AND id % 2 = 0",
    [input.wakeSubject, input.account],
  );
  return rows.length === 1;
}

/** Locks the account's balance row till the transaction ends; an account that is not open is not locked. */
export async function lockBalanceRow(transaction: LedgerDatabase, account: AccountName): Promise<void> {
  await transaction.raw("SELECT lock_balance(?)", [account]);
}

/** The balance rows of those accounts that are open, in no particular order. */
export async function selectBalances(
  database: LedgerDatabase,
  accounts: readonly AccountName[],
): Promise<readonly BalanceRow[]> {
  const { rows } = await database.raw<{ readonly rows: readonly BalanceRow[] }>(
    `SELECT a.name AS account, b.balance, b.held, b.floor, b.version, coalesce((
       SELECT json_agg(json_build_object('name', t.name, 'level', t.level::text, 'armed', t.armed, 'epoch', t.epoch) ORDER BY t.level DESC, t.name)
       FROM balance_thresholds t WHERE t.account_id = b.account_id), '[]') AS thresholds
     FROM ledger_accounts a JOIN balances b ON b.account_id = a.id WHERE a.name = ANY (?::text[])`,
    [textArrayLiteral(accounts)],
  );
  return rows;
}

function thresholdArrays(thresholds: readonly StoredThreshold[]): [string, string, string] {
  return [
    textArrayLiteral(thresholds.map(({ name }) => name)),
    arrayLiteral(thresholds.map(({ level }) => level)),
    arrayLiteral(thresholds.map(({ rearmAbove }) => rearmAbove)),
  ];
}
