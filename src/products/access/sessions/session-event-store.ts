import type { JsonValue } from "../../../errors.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { preparedAs } from "../../../platform/database/prepared.ts";

/** One stored event of a session. `seq` begins at 1 and has no gaps. */
export type StoredSessionEvent = {
  readonly sessionId: string;
  readonly seq: number;
  readonly type: string;
  readonly data: Readonly<Record<string, JsonValue>>;
  readonly occurredAt: Date;
};

const COLUMNS = `session_id AS "sessionId", seq, type, data, occurred_at AS "occurredAt"`;

/**
 * Appends an event under the session row's lock, which numbers it: two writers queue, and whoever rolls back leaves no gap. Listeners on
 * `access_session_events` hear of it at commit. Returns its number; null when there is no such session.
 */
export async function insertSessionEvent(
  transaction: Database,
  event: Pick<StoredSessionEvent, "sessionId" | "type" | "data">,
): Promise<number | null> {
  const insertion = transaction.raw<{ rows: { seq: number }[] }>(
    `WITH numbered AS (UPDATE access_sessions SET event_seq = event_seq + 1 WHERE id = :sessionId RETURNING event_seq)
     INSERT INTO access_session_events (session_id, seq, type, data, occurred_at)
     SELECT :sessionId, event_seq, :type, :data::jsonb, clock_timestamp() FROM numbered RETURNING seq`,
    { sessionId: event.sessionId, type: event.type, data: JSON.stringify(event.data) },
  );
  const { rows } = await insertion.options(preparedAs("insert_session_event"));
  return rows[0]?.seq ?? null;
}

/** Appends an event to each of several sessions, as {@link insertSessionEvent} does to one. Answers how many sessions there were. */
export async function insertSessionEvents(
  transaction: Database,
  events: readonly Pick<StoredSessionEvent, "sessionId" | "type" | "data">[],
): Promise<number> {
  const { rowCount } = await transaction.raw<{ rowCount: number }>(
    `WITH said AS (SELECT * FROM unnest(:ids::text[], :types::text[], :data::jsonb[]) said (session_id, type, data)),
     numbered AS (UPDATE access_sessions SET event_seq = event_seq + 1 FROM said WHERE id = session_id
       RETURNING id, event_seq, said.type, said.data)
     INSERT INTO access_session_events (session_id, seq, type, data, occurred_at)
     SELECT id, event_seq, type, data, clock_timestamp() FROM numbered`,
    {
      ids: events.map(({ sessionId }) => sessionId),
      types: events.map(({ type }) => type),
      data: events.map(({ data }) => JSON.stringify(data)),
    },
  );
  return rowCount;
}

/** The events of a session after `after`, oldest first, at most `limit`. */
export async function listSessionEvents(
  database: Database,
  input: { readonly sessionId: string; readonly after: number; readonly limit: number },
): Promise<readonly StoredSessionEvent[]> {
  const { rows } = await database.raw<{ rows: StoredSessionEvent[] }>(
    `SELECT ${COLUMNS} FROM access_session_events WHERE session_id = :sessionId AND seq > :after ORDER BY seq LIMIT :limit`,
    input,
  );
  return rows;
}

/** The latest events that set an end or spoke of it, oldest first. */
export async function listEndEvents(database: Database, sessionId: string): Promise<readonly StoredSessionEvent[]> {
  const { rows } = await database.raw<{ rows: StoredSessionEvent[] }>(
    `SELECT ${COLUMNS} FROM access_session_events
     WHERE session_id = ? AND type IN ('started', 'extended', 'expiring') ORDER BY seq DESC LIMIT 8`,
    [sessionId],
  );
  return rows.toReversed();
}
