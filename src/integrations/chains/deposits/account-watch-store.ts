import type { Database } from "../../../platform/database/pool.ts";

/** One address that is due: what it held at the last look, and what was read of it. */
export type DueWatch = {
  readonly depositAddressId: string;
  readonly address: string;
  readonly holdings: string;
  readonly cursor: Readonly<Record<string, string>>;
  readonly isSettled: boolean;
  /** Seconds since it was last read transaction by transaction; null before the first time. */
  readonly readSecondsAgo: number | null;
};

/** What a look found: `read` when its transactions were read, too. */
export type WatchOutcome = {
  readonly depositAddressId: string;
  readonly holdings: string;
  readonly read?: { readonly cursor: Readonly<Record<string, string>>; readonly isSettled: boolean };
};

/** Begins to watch an address, in the transaction that gives it out. */
export async function startWatch(transaction: Database, depositAddressId: string): Promise<void> {
  await transaction.raw("INSERT INTO account_watches (deposit_address_id) VALUES (?)", [depositAddressId]);
}

/** The addresses that are due, the longest waiting first. */
export async function listDueWatches(database: Database, limit: number): Promise<readonly DueWatch[]> {
  const { rows } = await database.raw<{ rows: DueWatch[] }>(
    `SELECT w.deposit_address_id AS "depositAddressId", a.address, w.holdings, w.cursor, w.is_settled AS "isSettled",
       EXTRACT(EPOCH FROM now() - w.read_at)::float8 AS "readSecondsAgo"
     FROM account_watches w JOIN deposit_addresses a ON a.id = w.deposit_address_id
     WHERE w.due_at <= now() ORDER BY w.due_at LIMIT ?`,
    [limit],
  );
  return rows;
}

/**
 * Writes down what a look found and when to look again, by the time since the address was given out or last changed: at every pass within
 * an hour, or while not settled, then every 15 seconds for a day, every 5 minutes for 30 days, every hour for ever. Rows are locked in the
 * order of ids, as {@link restartWatches} does: passes may overlap.
 */
export async function noteLooks(database: Database, outcomes: readonly WatchOutcome[]): Promise<void> {
  if (outcomes.length === 0) return;
  const rows = outcomes.map(({ depositAddressId, holdings, read }) => ({
    id: depositAddressId,
    holdings,
    cursor: read?.cursor ?? null,
    settled: read?.isSettled ?? null,
  }));
  await database.raw(
    `UPDATE account_watches w SET
       holdings = look.holdings,
       cursor = coalesce(look.cursor, w.cursor),
       is_settled = coalesce(look.settled, w.is_settled),
       read_at = CASE WHEN look.settled IS NULL THEN w.read_at ELSE now() END,
       changed_at = CASE WHEN look.holdings <> w.holdings THEN now() ELSE w.changed_at END,
       due_at = now() + CASE
         WHEN NOT coalesce(look.settled, w.is_settled) OR look.holdings <> w.holdings OR w.changed_at > now() - interval '1 hour' THEN interval '0'
         WHEN w.changed_at > now() - interval '1 day' THEN interval '15 seconds'
         WHEN w.changed_at > now() - interval '30 days' THEN interval '5 minutes'
         ELSE interval '1 hour' END
     FROM jsonb_to_recordset(:rows::jsonb) AS look(id text, holdings text, cursor jsonb, settled boolean)
     WHERE w.deposit_address_id = look.id AND w.deposit_address_id IN (
       SELECT deposit_address_id FROM account_watches WHERE deposit_address_id = ANY (:ids)
       ORDER BY deposit_address_id FOR NO KEY UPDATE)`,
    { rows: JSON.stringify(rows), ids: rows.map(({ id }) => id) },
  );
}

/** Forgets what was read of every address: the chain began anew. */
export async function restartWatches(database: Database): Promise<void> {
  await database.raw(
    `UPDATE account_watches SET holdings = '', cursor = '{}', is_settled = true, due_at = now() WHERE deposit_address_id IN (
       SELECT deposit_address_id FROM account_watches ORDER BY deposit_address_id FOR NO KEY UPDATE)`,
  );
}
