import type { Knex } from "knex";
import type { LedgerDatabase } from "./ledger-store.ts";

/** Debits and credits of one account over the whole journal, as text. */
export type AccountTotalRow = {
  readonly account: string;
  readonly type: string;
  readonly normal_side: "debit" | "credit";
  readonly debits: string;
  readonly credits: string;
};

/** A customer account whose stored balance is not what its transfers say; all numbers as text. */
export type DriftRow = {
  readonly account: string;
  readonly balance: string | null;
  readonly computed_balance: string;
  readonly held: string | null;
  readonly computed_held: string;
  readonly open_holds: string;
};

/** A checkpoint the journal no longer agrees with. */
export type BrokenCheckpointRow = {
  readonly after_entry: string;
  readonly up_to_entry: string;
  readonly reason: string;
};

/** Lets the rest of a transaction take as long as it needs: summing up a large journal takes longer than a request may. */
export async function liftTimeout(transaction: Knex.Transaction): Promise<void> {
  await transaction.raw("SET LOCAL statement_timeout = 0");
}

/** Every account that was ever posted to, by name. */
export async function selectAccountTotals(database: LedgerDatabase): Promise<readonly AccountTotalRow[]> {
  const { rows } = await database.raw<{ readonly rows: readonly AccountTotalRow[] }>(
    `SELECT coalesce(a.name, 'unknown/' || s.account_id) AS account, coalesce(a.type, 'unknown') AS type,
       coalesce(a.normal_side, 'debit') AS normal_side, s.debits::text, s.credits::text
     FROM (
       SELECT account_id, sum(debit) AS debits, sum(credit) AS credits FROM (
         SELECT debit_account AS account_id, sum(amount) AS debit, 0 AS credit FROM journal GROUP BY 1
         UNION ALL SELECT credit_account, 0, sum(amount) FROM journal GROUP BY 1) t
       GROUP BY account_id) s
     LEFT JOIN accounts a ON a.id = s.account_id ORDER BY 1`,
  );
  return rows;
}

/** The customer accounts whose balance row differs from the recomputation, or whose held funds differ from their open holds. */
export async function selectDrift(database: LedgerDatabase): Promise<readonly DriftRow[]> {
  const { rows } = await database.raw<{ readonly rows: readonly DriftRow[] }>(
    `WITH computed AS (
       SELECT account_id & -2 AS owner, sum(change) FILTER (WHERE account_id & 1 = 0) AS balance,
         sum(change) FILTER (WHERE account_id & 1 = 1) AS held, sum(transfers) AS transfers
       FROM (
         SELECT debit_account AS account_id, -sum(amount) AS change, count(*) AS transfers FROM journal WHERE debit_account > 0 GROUP BY 1
         UNION ALL SELECT credit_account, sum(amount), count(*) FROM journal WHERE credit_account > 0 GROUP BY 1) t
       GROUP BY 1),
     reserved AS (SELECT account_id AS owner, sum(amount) AS amount FROM holds WHERE status = 'open' GROUP BY 1)
     SELECT coalesce(a.name, 'unknown/' || coalesce(c.owner, b.account_id)) AS account, b.balance::text, b.held::text,
       coalesce(c.balance, 0)::text AS computed_balance, coalesce(c.held, 0)::text AS computed_held, coalesce(r.amount, 0)::text AS open_holds
     FROM balances b FULL JOIN computed c ON c.owner = b.account_id
     LEFT JOIN reserved r ON r.owner = coalesce(b.account_id, c.owner) LEFT JOIN ledger_accounts a ON a.id = coalesce(b.account_id, c.owner)
     WHERE b.balance IS DISTINCT FROM coalesce(c.balance, 0) OR b.held IS DISTINCT FROM coalesce(c.held, 0)
       OR b.held IS DISTINCT FROM coalesce(r.amount, 0) OR b.version IS DISTINCT FROM coalesce(c.transfers, 0)
     ORDER BY 1`,
  );
  return rows;
}

/** Entries that are not whole: a missing leg, an unknown kind or an unknown account. At most 100 numbers. */
export async function selectBrokenEntries(database: LedgerDatabase): Promise<readonly string[]> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly id: string }[] }>(
    `SELECT entry_id AS id FROM journal GROUP BY entry_id HAVING min(leg) <> 0 OR max(leg) + 1 <> count(*)
     UNION
     SELECT entry_id FROM journal j WHERE NOT EXISTS (SELECT FROM entry_kinds k WHERE k.id = j.kind)
       OR NOT EXISTS (SELECT FROM ledger_accounts a WHERE a.id = j.debit_account)
       OR NOT EXISTS (SELECT FROM ledger_accounts a WHERE a.id = j.credit_account)
     ORDER BY 1 LIMIT 100`,
  );
  return rows.map(({ id }) => id);
}

/** How many transfers there are. */
export async function countTransfers(database: LedgerDatabase): Promise<number> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly n: string }[] }>(
    "SELECT count(*) AS n FROM journal",
  );
  return Number(rows[0]?.n ?? 0);
}

/** Seals what is older than `settledSeconds` in chunks of about `chunk` transfers; answers how many chunks are new. */
export async function extendCheckpoints(
  database: LedgerDatabase,
  input: { readonly settledSeconds: number; readonly chunk: number },
): Promise<number> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly added: number }[] }>(
    "SELECT extend_checkpoints(make_interval(secs => ?), ?) AS added",
    [input.settledSeconds, input.chunk],
  );
  return rows[0]?.added ?? 0;
}

/** The chunks that no longer match their digest. */
export async function selectBrokenCheckpoints(database: LedgerDatabase): Promise<readonly BrokenCheckpointRow[]> {
  const { rows } = await database.raw<{ readonly rows: readonly BrokenCheckpointRow[] }>(
    "SELECT after_entry, up_to_entry, reason FROM broken_checkpoints()",
  );
  return rows;
}
