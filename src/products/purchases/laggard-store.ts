import type { Database } from "../../platform/database/pool.ts";

const OVERDUE = "1 minute";
const MOST = 200;

/**
 * Workflow ids of open purchases that nothing came of: their last wake was sent over a minute ago and they were not evaluated since,
 * or their grace ended over a minute ago. At most 200, the longest waiting first. A wake raised again counts from then, so a purchase
 * whose workflow is parked is named once a minute and no more.
 */
export async function findLaggards(database: Database): Promise<readonly string[]> {
  const result: { rows: { subject: string }[] } = await database.raw(
    `SELECT w.subject FROM purchases p JOIN wakes w ON w.subject = 'purchase/' || p.id
     WHERE p.status <> 'terminated' AND w.seq = w.sent_seq AND w.updated_at < now() - :overdue::interval
       AND (p.evaluated_at < w.updated_at OR (p.status = 'grace' AND p.grace_ends_at < now() - :overdue::interval))
     ORDER BY w.updated_at LIMIT :most`,
    { overdue: OVERDUE, most: MOST },
  );
  return result.rows.map((row) => row.subject);
}
