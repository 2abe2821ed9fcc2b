import type { Database } from "../../../../platform/database/pool.ts";

/** Whoever took the payment is asking for it until then. */
const UNDER_WAY = "15 seconds";
/** A workflow looks again by itself at least every five minutes; one that was woken longer ago and left it open is gone. */
const OVERDUE = "10 minutes";
const MOST = 200;

/**
 * Workflow ids of payments in doubt that nobody follows: their taker went away between asking and writing down, or their workflow was
 * terminated. At most 200, the oldest first.
 */
export async function findPaymentsInDoubt(database: Database): Promise<readonly string[]> {
  const result: { rows: { subject: string }[] } = await database.raw(
    `SELECT 'access-payment/' || p.id AS subject FROM access_payments p
       LEFT JOIN wakes w ON w.subject = 'access-payment/' || p.id
     WHERE p.status IN ('submitted', 'unknown') AND p.created_at < now() - :underWay::interval
       AND (w.subject IS NULL OR (w.seq = w.sent_seq AND w.updated_at < now() - :overdue::interval))
     ORDER BY p.created_at LIMIT :most`,
    { underWay: UNDER_WAY, overdue: OVERDUE, most: MOST },
  );
  return result.rows.map(({ subject }) => subject);
}

/** How many payments are in doubt now, by status, and the age of the oldest in seconds. Counted are those nobody is asking for any more. */
export async function countPaymentsInDoubt(
  database: Database,
): Promise<{ readonly byStatus: Readonly<Record<"submitted" | "unknown", number>>; readonly oldestSeconds: number }> {
  const result: { rows: { status: "submitted" | "unknown"; payments: number; seconds: number }[] } = await database.raw(
    `SELECT status, count(*)::int AS payments, extract(epoch FROM now() - min(created_at))::float8 AS seconds
     FROM access_payments
     WHERE status = 'unknown' OR (status = 'submitted' AND created_at < now() - :underWay::interval)
     GROUP BY status`,
    { underWay: UNDER_WAY },
  );
  const byStatus = { submitted: 0, unknown: 0 };
  for (const { status, payments } of result.rows) byStatus[status] = payments;
  return { byStatus, oldestSeconds: Math.max(0, ...result.rows.map(({ seconds }) => seconds)) };
}
