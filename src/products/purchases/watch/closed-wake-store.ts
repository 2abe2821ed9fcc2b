import type { Database } from "../../../platform/database/pool.ts";

const QUIET = "30 days";

/**
 * Whether what a subject stands for has ended, by the kind in front of its id: a SELECT that finds a row where `subject.id` has. A kind
 * that no room names is never closed.
 */
export type ClosedLooks = Readonly<Record<string, string>>;

/** Of what is tried for three days at most: it has ended by then, or its workflow is parked, which keeps its wake anyway. */
const ENDS_BY_ITSELF = "SELECT";

/**
 * What of purchases and of what every room shares has ended for good. A rotation has when only one user is left; a sweep also when its
 * deposit is promised back to its sender as a whole.
 */
export const CLOSED_SUBJECTS: ClosedLooks = {
  notice: ENDS_BY_ITSELF,
  email: ENDS_BY_ITSELF,
  officex: ENDS_BY_ITSELF,
  alert: ENDS_BY_ITSELF,
  sweep: `SELECT FROM deposits d LEFT JOIN sweeps x ON x.id = d.sweep_id WHERE d.id = subject.id
    AND (x.status = 'swept' OR (x.id IS NULL AND d.refunded_units = d.amount_units))`,
  refund: "SELECT FROM refunds x WHERE x.id = subject.id AND x.status <> 'open'",
  checkout: "SELECT FROM checkouts x WHERE x.id = subject.id AND x.status IN ('finalized', 'expired')",
  purchase: "SELECT FROM purchases x WHERE x.id = subject.id AND x.status = 'terminated'",
  "rotate-credentials": `SELECT FROM purchases x WHERE x.id = subject.id AND (x.status = 'terminated' OR NOT EXISTS (
    SELECT FROM bucket_users u WHERE u.purchase_id = x.id AND u.status IN ('wanted', 'retiring')))`,
};

/** Kinds whose wakes are never closed, and why that is harmless. */
export const EVERLASTING_SUBJECTS: Readonly<Record<string, string>> = {
  "watch-chain": "One row per configured chain, whose watcher never ends.",
};

/** Deletes up to `limit` wakes that are sent, untouched for 30 days, and of something that has ended. `more` are other rooms' looks. Answers how many. */
export async function deleteClosedWakes(
  database: Database,
  { limit, more = {} }: { readonly limit: number; readonly more?: ClosedLooks | undefined },
): Promise<number> {
  const kinds = Object.entries({ ...CLOSED_SUBJECTS, ...more }).map(
    ([kind, look]) => `(subject.kind = '${kind}' AND EXISTS (${look}))`,
  );
  const { rows } = await database.raw<{ rows: unknown[] }>(
    `DELETE FROM wakes WHERE subject IN (
       SELECT w.subject FROM wakes w
       CROSS JOIN LATERAL (SELECT split_part(w.subject, '/', 1) AS kind, split_part(w.subject, '/', 2) AS id) subject
       WHERE w.seq = w.sent_seq AND w.updated_at < now() - :quiet::interval AND (${kinds.join(" OR ")})
         AND NOT EXISTS (SELECT FROM parked_workflows p WHERE p.subject = w.subject)
       ORDER BY w.subject LIMIT :limit FOR UPDATE OF w SKIP LOCKED)
     RETURNING subject`,
    { quiet: QUIET, limit },
  );
  return rows.length;
}
