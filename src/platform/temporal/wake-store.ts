import type { Database } from "../database/pool.ts";
import { preparedAs } from "../database/prepared.ts";

/**
 * A hint that a workflow has something to look at. `subject` is its workflow id; `sequence` only grows, so many hints collapse
 * into one row. The table and `raise_wake` come with the ledger's migration, because a posting raises wakes in its own transaction.
 */
export type Wake = { readonly subject: string; readonly sequence: bigint; readonly attempts: number };

type WakeRow = { subject: string; seq: string; attempts: number };

/** Raises a wake inside the caller's transaction: it exists exactly if the change it speaks of does. */
export async function raiseWake(database: Database, subject: string): Promise<void> {
  await database.raw("SELECT raise_wake(?)", [subject]).options(preparedAs("raise_wake"));
}

/**
 * Raises several wakes inside the caller's transaction, each once, in the order of their subjects: everybody who raises several keeps it,
 * the ledger's batches too, and would else wait for each other.
 */
export async function raiseWakes(database: Database, subjects: readonly string[]): Promise<void> {
  await database.raw("SELECT raise_wakes(?::text[])", [[...subjects]]);
}

/**
 * Takes up to `limit` wakes that are due and keeps other dispatchers off them for `leaseSeconds`. A dispatcher that dies leaves
 * them due again afterwards: a wake may be sent twice, never not at all.
 */
export async function claimWakes(
  database: Database,
  input: { readonly limit: number; readonly leaseSeconds: number },
): Promise<readonly Wake[]> {
  const result: { rows: WakeRow[] } = await database.raw(
    `UPDATE wakes SET next_at = now() + make_interval(secs => :leaseSeconds), attempts = attempts + 1
     WHERE subject IN (
       SELECT subject FROM wakes WHERE seq > sent_seq AND next_at <= now() ORDER BY next_at LIMIT :limit FOR UPDATE SKIP LOCKED)
     RETURNING subject, seq, attempts`,
    input,
  );
  return result.rows.map((row) => ({ subject: row.subject, sequence: BigInt(row.seq), attempts: row.attempts }));
}

/** Notes that Temporal has the wake. A newer sequence raised meanwhile stays due. */
export async function confirmWake(database: Database, wake: Wake): Promise<void> {
  await database.raw(
    "UPDATE wakes SET sent_seq = greatest(sent_seq, :sequence::bigint), attempts = 0, next_at = now(), last_error = NULL WHERE subject = :subject",
    { subject: wake.subject, sequence: wake.sequence.toString() },
  );
}

/** Puts a wake that could not be sent back, due again after `retrySeconds`. `reason` is shown to operators. */
export async function postponeWake(
  database: Database,
  input: { readonly wake: Wake; readonly retrySeconds: number; readonly reason: string },
): Promise<void> {
  await database("wakes")
    .where("subject", input.wake.subject)
    .update({
      next_at: database.raw("now() + make_interval(secs => ?)", [input.retrySeconds]),
      last_error: input.reason.slice(0, 500),
    });
}

/** How many wakes wait and since when the oldest does; for readiness and metrics. */
export async function readWakeBacklog(
  database: Database,
): Promise<{ readonly waiting: number; readonly oldestSeconds: number }> {
  const result: { rows: { waiting: string; oldest: number | null }[] } = await database.raw(
    "SELECT count(*) AS waiting, extract(epoch FROM now() - min(updated_at))::float8 AS oldest FROM wakes WHERE seq > sent_seq",
  );
  const row = result.rows[0];
  return { waiting: Number(row?.waiting ?? 0), oldestSeconds: row?.oldest ?? 0 };
}
