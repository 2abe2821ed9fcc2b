import type { LedgerDatabase } from "./ledger-store.ts";

/** One transfer with account names in place of ids; 64-bit numbers as text. */
export type TransferRow = { readonly debit: string; readonly credit: string; readonly amount: string };

/** The words of an entry. */
export type EntryRow = {
  readonly id: string;
  readonly kind: string;
  readonly posted_at: Date;
  readonly idempotency_key: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
};

/** One entry as an account saw it: `change` of what it owns, reserved or not. */
export type HistoryRow = EntryRow & { readonly change: string };

/** Usage that an entry charged for. */
export type UsageRow = {
  readonly quantity: string;
  readonly unit: string;
  readonly occurred_at: Date;
  readonly amount: string;
};

const ENTRY = `SELECT j.entry_id AS id, k.name AS kind, j.created_at AS posted_at, d.idempotency_key, d.description, d.metadata
  FROM journal j JOIN entry_kinds k ON k.id = j.kind LEFT JOIN entry_details d USING (entry_id)`;

/** The entry, or undefined. */
export async function selectEntry(database: LedgerDatabase, entryNumber: string): Promise<EntryRow | undefined> {
  const { rows } = await database.raw<{ readonly rows: readonly EntryRow[] }>(
    `${ENTRY} WHERE j.entry_id = ? AND j.leg = 0`,
    [entryNumber],
  );
  return rows[0];
}

/** The number of the entry under this ref, or undefined. */
export async function selectEntryByRef(database: LedgerDatabase, ref: string): Promise<string | undefined> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly id: string }[] }>(
    "SELECT entry_id AS id FROM journal WHERE ref = ?::uuid",
    [ref],
  );
  return rows[0]?.id;
}

/** The transfers of an entry, in order. */
export async function selectTransfers(database: LedgerDatabase, entryNumber: string): Promise<readonly TransferRow[]> {
  const { rows } = await database.raw<{ readonly rows: readonly TransferRow[] }>(
    `SELECT d.name AS debit, c.name AS credit, j.amount FROM journal j
     JOIN ledger_accounts d ON d.id = j.debit_account JOIN ledger_accounts c ON c.id = j.credit_account
     WHERE j.entry_id = ? ORDER BY j.leg`,
    [entryNumber],
  );
  return rows;
}

/** The usage an entry charged for; looks through its account's usage, so it is for people, not for requests. */
export async function selectUsage(database: LedgerDatabase, entryNumber: string): Promise<readonly UsageRow[]> {
  const { rows } = await database.raw<{ readonly rows: readonly UsageRow[] }>(
    `SELECT u.quantity, u.unit, u.occurred_at, u.amount FROM usage_records u WHERE u.entry_id = ? AND u.account_id IN (
       SELECT debit_account & -2 FROM journal WHERE entry_id = ? UNION SELECT credit_account & -2 FROM journal WHERE entry_id = ?)`,
    [entryNumber, entryNumber, entryNumber],
  );
  return rows;
}

/** The latest entries of a customer account below `before`, newest first; setting funds aside and freeing them is left out. */
export async function selectHistory(
  database: LedgerDatabase,
  input: { readonly account: string; readonly before: string; readonly limit: number },
): Promise<readonly HistoryRow[]> {
  const { rows } = await database.raw<{ readonly rows: readonly HistoryRow[] }>(
    `WITH owner AS (SELECT id FROM ledger_accounts WHERE name = :account AND id > 0),
     recent AS (
       SELECT entry_id FROM (
         (SELECT j.entry_id FROM journal j, owner o WHERE j.debit_account = o.id AND j.credit_account <> o.id + 1
            AND j.entry_id < :before ORDER BY j.entry_id DESC LIMIT :most)
         UNION ALL
         (SELECT j.entry_id FROM journal j, owner o WHERE j.debit_account = o.id + 1 AND j.credit_account <> o.id
            AND j.entry_id < :before ORDER BY j.entry_id DESC LIMIT :most)
         UNION ALL
         (SELECT j.entry_id FROM journal j, owner o WHERE j.credit_account = o.id AND j.debit_account <> o.id + 1
            AND j.entry_id < :before ORDER BY j.entry_id DESC LIMIT :most)
       ) e GROUP BY entry_id ORDER BY entry_id DESC LIMIT :limit
     )
     SELECT e.*, (
       SELECT sum(CASE WHEN t.credit_account & -2 = o.id THEN t.amount ELSE 0 END
         - CASE WHEN t.debit_account & -2 = o.id THEN t.amount ELSE 0 END)::bigint
       FROM journal t, owner o WHERE t.entry_id = e.id) AS change
     FROM recent r JOIN LATERAL (${ENTRY} WHERE j.entry_id = r.entry_id AND j.leg = 0) e ON true
     ORDER BY e.id DESC`,
    { ...input, most: input.limit * MOST_LEGS },
  );
  return rows;
}

/** An entry may hold several transfers of one account; more than this would shorten a page. */
const MOST_LEGS = 20;
