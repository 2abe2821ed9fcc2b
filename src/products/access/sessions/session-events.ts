import type { JsonValue } from "../../../errors.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { insertSessionEvent, insertSessionEvents } from "./session-event-store.ts";

/** What is said in a session and kept: everybody connected hears it, and whoever was away hears it later. */
export type SessionEventType =
  | "started"
  | "extended"
  | "shortened"
  | "expiring"
  | "expired"
  | "stopped"
  | "revoked"
  | "asset_maintenance"
  | "payment_pending"
  | "payment_settled"
  | "payment_failed";

/** One thing to be said. `data` is public to whoever holds the session's token: no secret, amounts as decimal strings. */
export type SessionEvent = {
  readonly sessionId: string;
  readonly type: SessionEventType;
  readonly data: Readonly<Record<string, JsonValue>>;
};

/**
 * Says something in a session, in the transaction of what it speaks of. Locks the session's row till commit, so lock the asset first
 * where both are needed. Returns the event's number; numbers have no gaps.
 */
export async function noteSessionEvent(transaction: Database, event: SessionEvent): Promise<number> {
  const seq = await insertSessionEvent(transaction, event);
  if (seq === null) throw new Error("an event names a session that is not there");
  return seq;
}

/** {@link noteSessionEvent} for one event of each of several sessions, whose rows the caller holds. */
export async function noteSessionEvents(transaction: Database, events: readonly SessionEvent[]): Promise<void> {
  const noted = await insertSessionEvents(transaction, events);
  if (noted !== events.length) throw new Error("an event names a session that is not there");
}
