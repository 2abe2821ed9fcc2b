import type { AccountName } from "./chart-of-accounts.ts";
import type { LedgerDatabase } from "./ledger-store.ts";

/** A crossing as stored, 64-bit numbers as text. */
export type CrossingRow = {
  readonly name: string;
  readonly epoch: string;
  readonly level: string;
  readonly balance: string;
  readonly crossedAt: Date;
};

/** The account's crossings beyond the known epoch of their name: the lowest epochs first into the page, which is ordered by time. */
export async function selectCrossings(
  database: LedgerDatabase,
  input: { readonly account: AccountName; readonly known: Readonly<Record<string, number>>; readonly limit: number },
): Promise<readonly CrossingRow[]> {
  const { rows } = await database.raw<{ readonly rows: readonly CrossingRow[] }>(
    `SELECT * FROM (
       SELECT c.name, c.epoch, c.level, c.balance, c.crossed_at AS "crossedAt"
       FROM threshold_crossings c JOIN ledger_accounts a ON a.id = c.account_id
       WHERE a.name = ? AND c.epoch > coalesce((?::jsonb ->> c.name)::bigint, 0)
       ORDER BY c.epoch, c.level DESC LIMIT ?) page
     ORDER BY "crossedAt", level DESC`,
    [input.account, JSON.stringify(input.known), input.limit],
  );
  return rows;
}
