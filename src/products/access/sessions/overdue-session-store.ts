import type { Database } from "../../../platform/database/pool.ts";
import { GRACE_SECONDS } from "./session-lifecycle.ts";

/** Long enough for a workflow that is on its way, short enough that nobody waits for an asset. */
const OVERDUE_SECONDS = 5;
const MOST = 200;

/**
 * Workflow ids of sessions whose end passed and came to nothing: their workflow was terminated, or its wake was lost. A session that a
 * payment keeps alive is none until its grace is over, nor one whose workflow says that it is parked. The longest overdue first.
 */
export async function findOverdueSessions(database: Database): Promise<readonly string[]> {
  const { rows } = await database.raw<{ rows: { subject: string }[] }>(
    `SELECT 'access-session/' || s.id AS subject FROM access_sessions s
       LEFT JOIN parked_workflows k ON k.subject = 'access-session/' || s.id
     WHERE s.status = 'active' AND k.subject IS NULL AND s.expires_at < now() - make_interval(secs => :overdue)
       AND (s.expires_at < now() - make_interval(secs => :grace) OR NOT EXISTS (
         SELECT FROM access_payments p WHERE p.session_id = s.id AND p.status IN ('submitted', 'unknown')))
     ORDER BY s.expires_at LIMIT :most`,
    { overdue: OVERDUE_SECONDS, grace: GRACE_SECONDS + OVERDUE_SECONDS, most: MOST },
  );
  return rows.map((row) => row.subject);
}

/** How many sessions run now. */
export async function countActiveSessions(database: Database): Promise<number> {
  const { rows } = await database.raw<{ rows: { sessions: number }[] }>(
    "SELECT count(*)::int AS sessions FROM access_sessions WHERE status = 'active'",
  );
  return rows[0]?.sessions ?? 0;
}
