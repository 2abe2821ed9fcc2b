import type { Database } from "../../../platform/database/pool.ts";

const QUIET = "30 days";

/**
 * Whether what a subject stands for has ended, by the kind in front of its id: a SELECT that finds a row where `subject.id` has. A kind
 * that no room names is never closed.
 */
export type ClosedLooks = Readonly<Record<string, string>>;

const CLOSED: ClosedLooks = {
  notice: "SELECT FROM purchase_events x WHERE x.id = subject.id AND x.delivered_at IS NOT NULL",
  alert: "SELECT FROM operator_alerts x WHERE x.id = subject.id AND x.delivered_at IS NOT NULL",
  sweep: "SELECT FROM deposits d JOIN sweeps x ON x.id = d.sweep_id WHERE d.id = subject.id AND x.status = 'swept'",
  refund: "SELECT FROM refunds x WHERE x.id = subject.id AND x.status <> 'open'",
  checkout: "SELECT FROM checkouts x WHERE x.id = subject.id AND x.status IN ('finalized', 'expired')",
  purchase: "SELECT FROM purchases x WHERE x.id = subject.id AND x.status = 'terminated'",
};

/** Deletes up to `limit` wakes that are sent, untouched for 30 days, and of something that has ended. `more` are other rooms' looks. Answers how many. */
export async function deleteClosedWakes(
  database: Database,
  { limit, more = {} }: { readonly limit: number; readonly more?: ClosedLooks | undefined },
): Promise<number> {
  const kinds = Object.entries({ ...CLOSED, ...more }).map(
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
