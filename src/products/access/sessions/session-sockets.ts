import type { Server } from "node:http";
import type { Knex } from "knex";
import { DomainError } from "../../../errors.ts";
import { listenTo } from "../../../platform/database/listen.ts";
import type { Logger } from "../../../platform/logger.ts";
import { type Allowance, openAllowance } from "../../../platform/sockets/allowance.ts";
import type { Connection, SocketMessage, SocketOptions } from "../../../platform/sockets/sockets.ts";
import { openSockets } from "../../../platform/sockets/sockets.ts";
import { SessionNotFound } from "../errors.ts";
import { readSession } from "./read-session.ts";
import type { SessionHub } from "./session-hub.ts";
import { openSessionHub } from "./session-hub.ts";
import { SESSION_TOKEN } from "./session-token.ts";
import { CLOSE, ClientMessage } from "./socket-messages.ts";

const PATHS = ["/", "/ws"] as const;
const AUTH_MS = 10_000;
/** As many as one address has over HTTP. */
const PURCHASES = { limit: 10, windowMs: 60_000 };
const CHANNEL = "access_session_events";

/** A wish for more time, as it came over a socket, and the token of the session it is for. */
export type SocketPurchase = {
  readonly token: string;
  readonly message: Extract<ClientMessage, { readonly type: "extend" | "payment" }>;
};

/** What serving sessions over sockets needs. `buyTime` is the money path of HTTP; it answers what to send, and throws what is refused. */
export type SessionSocketNeeds = {
  readonly database: Knex;
  readonly databaseUrl: string;
  readonly logger: Logger;
  readonly buyTime: (purchase: SocketPurchase) => Promise<SocketMessage>;
};

/** The sockets of this process. `drain` closes them with 1001 and stops listening. */
export type SessionSockets = { readonly count: () => number; readonly drain: (limitMs: number) => Promise<void> };

/** One socket: its session once it is known. */
type Guest = {
  readonly timer: NodeJS.Timeout;
  token: string | null;
  leave: (() => void) | null;
  readonly purchases: Allowance;
  isBuying: boolean;
  isGone: boolean;
};

/**
 * Serves sessions over WebSockets at `/` and `/ws` of a server: a holder proves itself by the token and follows the session from any
 * process, since events are rows and every process hears of them. A socket's end never ends a session.
 */
export async function openSessionSockets(
  needs: SessionSocketNeeds,
  server: Server,
  options: Omit<SocketOptions, "paths">,
): Promise<SessionSockets> {
  const hub = openSessionHub(needs);
  const listener = listenTo(needs, {
    channel: CHANNEL,
    onNotification: (payload) => hub.hear(payload.slice(0, payload.lastIndexOf(":"))),
    onConnected: hub.hearAll,
  });
  await listener.first;
  const sockets = openSockets(needs, server, {
    options: { ...options, paths: PATHS },
    accept: (connection) => welcome(needs, hub, connection),
  });
  return {
    count: sockets.count,
    drain: async (limitMs) => {
      await sockets.drain(limitMs);
      hub.stop();
      await listener.stop();
    },
  };
}

function welcome(needs: SessionSocketNeeds, hub: SessionHub, connection: Connection) {
  const timer = setTimeout(() => connection.close(CLOSE.unauthorised, "authenticate_first"), AUTH_MS).unref();
  const guest: Guest = {
    token: null,
    leave: null,
    timer,
    purchases: openAllowance(PURCHASES),
    isBuying: false,
    isGone: false,
  };
  const offered = connection.query.get("token") ?? connection.protocols.find((each) => SESSION_TOKEN.test(each));
  const lastSeq = Number(connection.query.get("lastSeq") ?? Number.NaN);
  const entering =
    offered === undefined
      ? Promise.resolve()
      : enter(needs, hub, {
          connection,
          guest,
          token: offered,
          lastSeq: Number.isSafeInteger(lastSeq) ? lastSeq : null,
        });
  entering.catch((error: unknown) => {
    needs.logger.error({ err: error }, "a socket could not be let in");
    connection.close(1011, "internal_error");
  });
  return {
    onMessage: async (raw: Readonly<Record<string, unknown>>) => {
      await entering;
      await hear(needs, hub, { connection, guest, raw });
    },
    onClose: () => {
      clearTimeout(timer);
      guest.isGone = true;
      guest.leave?.();
    },
  };
}

type Visit = { readonly connection: Connection; readonly guest: Guest };

async function enter(
  needs: SessionSocketNeeds,
  hub: SessionHub,
  { connection, guest, token, lastSeq }: Visit & { readonly token: string; readonly lastSeq: number | null },
): Promise<void> {
  clearTimeout(guest.timer);
  const seen = await readSession(needs, { token }).catch((error: unknown) => {
    if (error instanceof SessionNotFound) return null;
    throw error;
  });
  if (seen === null) return connection.close(CLOSE.unauthorised, "session_not_found");
  if (guest.isGone) return;
  guest.leave?.();
  const leave = hub.join(connection, { seen, lastSeq });
  if (leave === null) return connection.close(CLOSE.tooMany, "too_many_sockets_of_this_session");
  guest.token = token;
  guest.leave = leave;
}

async function hear(
  needs: SessionSocketNeeds,
  hub: SessionHub,
  { connection, guest, raw }: Visit & { readonly raw: Readonly<Record<string, unknown>> },
): Promise<void> {
  const parsed = ClientMessage.safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const detail = `${issue?.path.join(".") || "message"}: ${issue?.message ?? "has the wrong shape"}`;
    return connection.send({ type: "error", code: "invalid_message", detail });
  }
  const message = parsed.data;
  if (message.type === "auth")
    return enter(needs, hub, { connection, guest, token: message.token, lastSeq: message.lastSeq ?? null });
  if (guest.token === null) return connection.close(CLOSE.unauthorised, "authenticate_first");
  if (message.type === "ping") return connection.send({ type: "pong", ...idOf(message) });
  await buy(needs, { connection, guest, purchase: { token: guest.token, message } });
}

/** One purchase at a time: a second one sent before the first was answered is told to wait. */
async function buy(
  needs: SessionSocketNeeds,
  { connection, guest, purchase }: Visit & { readonly purchase: SocketPurchase },
): Promise<void> {
  const id = idOf(purchase.message);
  if (guest.isBuying) return connection.send({ type: "error", code: "payment_in_progress", ...id });
  if (!guest.purchases.take(performance.now())) return connection.send({ type: "error", code: "rate_limited", ...id });
  guest.isBuying = true;
  try {
    connection.send({ ...(await needs.buyTime(purchase)), ...id });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { code, status, message: detail, members } = error;
    connection.send({ ...members, type: "error", code, status, detail, ...id });
  } finally {
    guest.isBuying = false;
  }
}

function idOf(message: { readonly id?: string | undefined }): { readonly id?: string } {
  return message.id === undefined ? {} : { id: message.id };
}
