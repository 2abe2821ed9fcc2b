import type { Knex } from "knex";
import type { Logger } from "../../../platform/logger.ts";
import type { Connection } from "../../../platform/sockets/sockets.ts";
import { endDueSession } from "./end-due-session.ts";
import type { SeenSession } from "./read-session.ts";
import { listSessionEvents, type StoredSessionEvent } from "./session-event-store.ts";
import { secondsLeft } from "./session-lifecycle.ts";
import { viewSession } from "./session-view.ts";
import { closingOf } from "./socket-messages.ts";

/** How often a socket is told the time that is left, unasked. */
const TICK_MS = 30_000;
const MOST_PER_SESSION = 16;
const PAGE = 200;
const GRACE_LOOK_MS = 1_000;
const LONGEST_WAIT_MS = 86_400_000;

/** One socket of a session and the last event it was sent. */
type Listener = { readonly connection: Connection; lastSeq: number };

/** A session that has sockets in this process. `skewMs` is the database's clock less ours. */
type Room = {
  readonly sessionId: string;
  readonly listeners: Set<Listener>;
  readonly skewMs: number;
  expiresAt: Date;
  ticking: NodeJS.Timeout | undefined;
  ending: NodeJS.Timeout | undefined;
  isReading: boolean;
  isStale: boolean;
  /** How its sockets are closed once they were told everything; null while it runs. */
  closing: ReturnType<typeof closingOf>;
};

/** What a hub needs. */
export type HubNeeds = { readonly database: Knex; readonly logger: Pick<Logger, "warn"> };

/** The sessions that have sockets in this process. */
export type SessionHub = {
  /**
   * Connects a socket: a snapshot, what it missed since `lastSeq`, and from then on everything; of a session that is over it is closed
   * after that. Answers how to leave; null when full.
   */
  readonly join: (
    connection: Connection,
    input: { readonly seen: SeenSession; readonly lastSeq: number | null },
  ) => (() => void) | null;
  /** Something was said in a session, here or in another process. */
  readonly hear: (sessionId: string) => void;
  /** Anything may have been missed: every session is read again. */
  readonly hearAll: () => void;
  readonly stop: () => void;
};

/**
 * Brings stored events to every socket of a session, in order and each once: the table is what is true, a notice only says that there is
 * more. Many sockets of one session share each read.
 */
export function openSessionHub(needs: HubNeeds): SessionHub {
  const rooms = new Map<string, Room>();
  const close = (room: Room) => {
    clearInterval(room.ticking);
    clearTimeout(room.ending);
    rooms.delete(room.sessionId);
  };
  return {
    join: (connection, { seen, lastSeq }) => {
      const { session, now } = seen;
      const room = rooms.get(session.id) ?? openRoom(needs, seen);
      if (room.listeners.size >= MOST_PER_SESSION) return null;
      rooms.set(session.id, room);
      connection.send({ type: "snapshot", seq: session.eventSeq, ...viewSession(session, now) });
      // A client that claims to know what was never said is told everything from now on all the same.
      const listener = { connection, lastSeq: Math.min(lastSeq ?? session.eventSeq, session.eventSeq) };
      room.listeners.add(listener);
      void bring(needs, room);
      return () => {
        room.listeners.delete(listener);
        if (room.listeners.size === 0 && rooms.get(session.id) === room) close(room);
      };
    },
    hear: (sessionId) => {
      const room = rooms.get(sessionId);
      if (room !== undefined) void bring(needs, room);
    },
    hearAll: () => {
      for (const room of rooms.values()) void bring(needs, room);
    },
    stop: () => {
      for (const room of rooms.values()) close(room);
    },
  };
}

function openRoom(needs: HubNeeds, { session, now }: SeenSession): Room {
  const room: Room = {
    ...{ sessionId: session.id, listeners: new Set<Listener>(), skewMs: now.getTime() - Date.now() },
    ...{ expiresAt: session.expiresAt, isReading: false, isStale: false, ending: undefined },
    closing: closingOf(session.status),
    ticking: setInterval(() => tick(needs, room), TICK_MS).unref(),
  };
  if (room.closing === null) watchEnd(needs, room, session.expiresAt);
  return room;
}

/**
 * Ends the session at its end from here too, so that its holder hears of it on time although Temporal is late; the row decides between the
 * two. A session that a payment keeps alive is looked at every second.
 */
function watchEnd(needs: HubNeeds, room: Room, expiresAt: Date): void {
  room.expiresAt = expiresAt;
  clearTimeout(room.ending);
  const left = expiresAt.getTime() - clockOf(room).getTime();
  const wait = left <= 0 ? GRACE_LOOK_MS : Math.min(left + 1, LONGEST_WAIT_MS);
  room.ending = setTimeout(() => void end(needs, room), wait).unref();
}

async function end(needs: HubNeeds, room: Room): Promise<void> {
  try {
    const ended = await endDueSession(needs, { sessionId: room.sessionId });
    if (ended !== null) return await bring(needs, room);
  } catch (error) {
    needs.logger.warn({ err: error, sessionId: room.sessionId }, "a session was not ended; tried again");
  }
  if (room.listeners.size > 0 && room.closing === null) watchEnd(needs, room, room.expiresAt);
}

/** Reads on until nothing is new. One reader at a time: whoever asks meanwhile makes it look once more. */
async function bring(needs: HubNeeds, room: Room): Promise<void> {
  room.isStale = true;
  if (room.isReading) return;
  room.isReading = true;
  try {
    while (room.isStale && room.listeners.size > 0) {
      room.isStale = false;
      const after = Math.min(...[...room.listeners].map(({ lastSeq }) => lastSeq));
      const events = await listSessionEvents(needs.database, { sessionId: room.sessionId, after, limit: PAGE });
      for (const event of events) tell(needs, room, event);
      if (events.length === PAGE) room.isStale = true;
    }
    closeOver(room);
  } catch (error) {
    needs.logger.warn({ err: error, sessionId: room.sessionId }, "a session's events were not read; tried again");
    setTimeout(() => void bring(needs, room), 1_000).unref();
  } finally {
    room.isReading = false;
  }
}

function tell(needs: HubNeeds, room: Room, event: StoredSessionEvent): void {
  const { seq, type, data, occurredAt } = event;
  if (room.closing === null && (type === "extended" || type === "shortened"))
    watchEnd(needs, room, new Date(String(data.expiresAt)));
  const message = { ...data, type, seq, occurredAt: occurredAt.toISOString() };
  if (["expired", "stopped", "revoked"].includes(type)) room.closing = closingOf(type);
  for (const listener of room.listeners) {
    if (listener.lastSeq >= seq) continue;
    listener.lastSeq = seq;
    listener.connection.send(message);
  }
}

/** Something may be said after the end, such as of a payment that came too late: whoever comes back for that hears it first. */
function closeOver({ closing, listeners }: Room): void {
  if (closing === null) return;
  for (const { connection } of listeners) connection.close(closing.code, closing.reason);
}

/** The time that is left, and one more look at the table: whatever notice was lost is made good by then. */
function tick(needs: HubNeeds, room: Room): void {
  void bring(needs, room);
  const now = clockOf(room);
  const seconds = secondsLeft({ status: "active", expiresAt: room.expiresAt }, now);
  for (const { connection, lastSeq } of room.listeners) {
    connection.send({
      ...{ type: "tick", seq: lastSeq, secondsLeft: seconds },
      ...{ expiresAt: room.expiresAt.toISOString(), serverTime: now.toISOString() },
    });
  }
}

function clockOf(room: Pick<Room, "skewMs">): Date {
  return new Date(Date.now() + room.skewMs);
}
