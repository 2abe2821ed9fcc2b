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

/** The account's latest 1,000 crossings, oldest first. */
export async function selectCrossings(database: LedgerDatabase, account: AccountName): Promise<readonly CrossingRow[]> {
  const { rows } = await database.raw<{ readonly rows: readonly CrossingRow[] }>(
    `SELECT * FROM (
       SELECT c.name, c.epoch, c.level, c.balance, c.crossed_at AS "crossedAt"
       FROM threshold_crossings c JOIN ledger_accounts a ON a.id = c.account_id
       WHERE a.name = ? ORDER BY c.crossed_at DESC, c.level LIMIT 1000) latest
     ORDER BY "crossedAt", level DESC`,
    [account],
  );
  return rows;
}
