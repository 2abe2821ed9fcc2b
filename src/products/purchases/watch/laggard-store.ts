import type { Database } from "../../../platform/database/pool.ts";

const OVERDUE = "1 minute";
/** A parked workflow tries again by itself at this pace; sooner would only fill its history. */
const PARKED = "5 minutes";
const MOST = 200;

/**
 * Workflow ids of open purchases that nothing came of: their last wake was sent over a minute ago and they were not evaluated since,
 * or their grace ended over a minute ago. At most 200, the longest waiting first. A wake raised again counts from then; a purchase whose
 * workflow says that it is parked is named every five minutes and no more.
 */
export async function findLaggards(database: Database): Promise<readonly string[]> {
  const result: { rows: { subject: string }[] } = await database.raw(
    `SELECT w.subject FROM purchases p JOIN wakes w ON w.subject = 'purchase/' || p.id
       LEFT JOIN parked_workflows k ON k.subject = w.subject
     WHERE p.status <> 'terminated' AND w.seq = w.sent_seq
       AND w.updated_at < now() - CASE WHEN k.subject IS NULL THEN :overdue::interval ELSE :parked::interval END
       AND (p.evaluated_at < w.updated_at OR (p.status = 'grace' AND p.grace_ends_at < now() - :overdue::interval))
     ORDER BY w.updated_at LIMIT :most`,
    { overdue: OVERDUE, parked: PARKED, most: MOST },
  );
  return result.rows.map((row) => row.subject);
}
