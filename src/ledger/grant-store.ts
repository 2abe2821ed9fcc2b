import type { AccountName } from "./chart-of-accounts.ts";
import type { LedgerDatabase } from "./ledger-store.ts";

/** A grant with what is left of it; 64-bit numbers as text. */
export type GrantRow = {
  readonly grant_id: string;
  readonly account: string;
  readonly priority: number;
  readonly expires_at: Date | null;
  readonly balance: string;
};

/** Opens the grant's account and notes its order; answers false where it exists. Unknown owner: SQLSTATE 23503. */
export async function openGrantRow(
  database: LedgerDatabase,
  grant: {
    readonly grantId: string;
    readonly account: AccountName;
    readonly owner: AccountName;
    readonly priority: number;
    readonly expiresAt: Date | null;
  },
): Promise<void> {
  await database.raw("SELECT open_grant(?, ?, ?, ?, ?)", [
    grant.grantId,
    grant.account,
    grant.owner,
    grant.priority,
    grant.expiresAt?.toISOString() ?? null,
  ]);
}

/** The owner's grants that can be spent now, in the order they are: priority, expiry (none last), id. */
export async function selectSpendableGrants(
  database: LedgerDatabase,
  owner: AccountName,
): Promise<readonly GrantRow[]> {
  const { rows } = await database.raw<{ readonly rows: readonly GrantRow[] }>(
    `SELECT g.grant_id, a.name AS account, g.priority, g.expires_at, b.balance
     FROM grants g JOIN ledger_accounts o ON o.id = g.owner_account_id JOIN ledger_accounts a ON a.id = g.account_id
     JOIN balances b ON b.account_id = g.account_id
     WHERE o.name = ? AND b.balance > 0 AND (g.expires_at IS NULL OR g.expires_at > now())
     ORDER BY g.priority, g.expires_at NULLS LAST, g.grant_id`,
    [owner],
  );
  return rows;
}

/** The account of a grant, or undefined. */
export async function selectGrantAccount(database: LedgerDatabase, grantId: string): Promise<string | undefined> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly account: string }[] }>(
    "SELECT a.name AS account FROM grants g JOIN ledger_accounts a ON a.id = g.account_id WHERE g.grant_id = ?",
    [grantId],
  );
  return rows[0]?.account;
}

/** Grants past their expiry that still hold money, the longest overdue first. */
export async function selectDueGrants(database: LedgerDatabase, limit: number): Promise<readonly string[]> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly grant_id: string }[] }>(
    `SELECT g.grant_id FROM grants g JOIN balances b USING (account_id)
     WHERE g.expires_at <= now() AND b.balance > 0 ORDER BY g.expires_at, g.grant_id LIMIT ?`,
    [limit],
  );
  return rows.map(({ grant_id }) => grant_id);
}
