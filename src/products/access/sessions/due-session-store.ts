import type { Database } from "../../../platform/database/pool.ts";
import type { Session } from "../session.ts";
import { GRACE_SECONDS } from "./session-lifecycle.ts";
import { type SessionRow, toSession } from "./session-store.ts";

/**
 * Locks up to `limit` sessions whose time is over and that no extension payment may still prolong, the longest overdue first, till commit.
 * Those that somebody else holds are left to them.
 */
export async function lockDueSessions(transaction: Database, limit: number): Promise<readonly string[]> {
  const { rows } = await transaction.raw<{ rows: { id: string }[] }>(
    `SELECT s.id FROM access_sessions s
     WHERE s.status = 'active' AND s.expires_at <= now()
       AND (s.expires_at <= now() - make_interval(secs => :grace) OR NOT EXISTS (
         SELECT FROM access_payments p WHERE p.session_id = s.id AND p.status IN ('submitted', 'unknown')))
     ORDER BY s.expires_at LIMIT :limit FOR UPDATE OF s SKIP LOCKED`,
    { grace: GRACE_SECONDS, limit },
  );
  return rows.map(({ id }) => id);
}

/** Ends active sessions whose time is over, all at once; answers those that were ended now. */
export async function closeDueSessions(
  transaction: Database,
  input: { readonly ids: readonly string[]; readonly endedAt: Date },
): Promise<readonly Session[]> {
  const { rows } = await transaction.raw<{ rows: SessionRow[] }>(
    `UPDATE access_sessions SET status = 'expired', ended_at = :endedAt
     WHERE id = ANY (:ids) AND status = 'active' RETURNING *`,
    { ids: [...input.ids], endedAt: input.endedAt },
  );
  return rows.map(toSession);
}

/** Milliseconds until the next active session ends, by the database's clock; null when none will. One step in an index. */
export async function readNextEnd(database: Database): Promise<number | null> {
  const { rows } = await database.raw<{ rows: { milliseconds: number | null }[] }>(
    `SELECT extract(epoch FROM min(expires_at) - clock_timestamp())::float8 * 1000 AS milliseconds
     FROM access_sessions WHERE status = 'active' AND expires_at > now()`,
  );
  return rows[0]?.milliseconds ?? null;
}
