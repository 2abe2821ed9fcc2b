import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, WebSocket, WebSocketServer } from "ws";
import { z } from "zod";
import type { JsonValue } from "../../errors.ts";
import type { Logger } from "../logger.ts";
import { openAllowance } from "./allowance.ts";

/** What is sent over a socket: one JSON object with its kind in `type`. */
export type SocketMessage = { readonly type: string; readonly [member: string]: JsonValue };

/** One open socket. `send` to one that is gone does nothing; one that takes too little for too long is cut. */
export type Connection = {
  readonly ip: string;
  /** The query of its address and the subprotocols it offered: both may hold secrets, so neither is ever logged. */
  readonly query: URLSearchParams;
  readonly protocols: readonly string[];
  readonly send: (message: SocketMessage) => void;
  readonly close: (code: number, reason: string) => void;
};

/** What becomes of an open socket. Neither may throw: what one does is logged and closes the socket with 1011. */
export type ConnectionHandlers = {
  readonly onMessage: (message: Readonly<Record<string, unknown>>) => Promise<void>;
  readonly onClose: () => void;
};

/** How sockets are admitted and bounded. Sizes are in bytes, times in milliseconds. */
export type SocketOptions = {
  /** Paths that are sockets; a request to upgrade any other is 404. */
  readonly paths: readonly string[];
  /** Pages that may connect; `*` opens every origin. A client that names none is no page. */
  readonly allowedOrigins: readonly string[];
  readonly maxPerAddress?: number;
  readonly maxMessageBytes?: number;
  readonly maxBufferedBytes?: number;
  readonly maxMessagesPerTenSeconds?: number;
  readonly heartbeatMs?: number;
};

/** The sockets of a server. `drain` refuses new ones and closes those that are open with 1001, so that they come back elsewhere. */
export type Sockets = { readonly count: () => number; readonly drain: (limitMs: number) => Promise<void> };

const DEFAULTS = {
  maxPerAddress: 200,
  maxMessageBytes: 32_768,
  maxBufferedBytes: 262_144,
  maxMessagesPerTenSeconds: 60,
  heartbeatMs: 30_000,
};
const WINDOW_MS = 10_000;
const GOING_AWAY = 1001;
const UNSUPPORTED = 1003;
const POLICY = 1008;
const INTERNAL = 1011;

const Message = z.record(z.string(), z.unknown());

type Needs = { readonly logger: Pick<Logger, "info" | "warn" | "error"> };
type State = {
  readonly settings: Required<SocketOptions>;
  readonly byAddress: Map<string, number>;
  readonly alive: WeakSet<WebSocket>;
  isDraining: boolean;
};

/**
 * Serves WebSockets on a server's own port. `accept` is told of each new connection and says what becomes of it. Refused before the
 * handshake, in plain HTTP: another path, an origin that is not allowed, too many from one address, a server that drains. Afterwards:
 * messages that are no JSON object, too large or too many, and clients that answer no ping or read too slowly.
 */
export function openSockets(
  needs: Needs,
  server: Server,
  input: { readonly options: SocketOptions; readonly accept: (connection: Connection) => ConnectionHandlers },
): Sockets {
  const settings = { ...DEFAULTS, ...input.options };
  const state: State = { settings, byAddress: new Map(), alive: new WeakSet(), isDraining: false };
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: settings.maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.values().next().value ?? false,
  });
  server.on("upgrade", (request, socket, head) => {
    if (request.headers.upgrade?.toLowerCase() !== "websocket") return handBack(server, { request, socket, head });
    socket.on("error", () => socket.destroy());
    const refusal = refuse(state, request);
    if (refusal !== null) return answer(socket, refusal);
    sockets.handleUpgrade(request, socket, head, (webSocket) => serve(needs, state, { ...input, request, webSocket }));
  });
  const heartbeat = setInterval(() => beat(state, sockets), settings.heartbeatMs);
  heartbeat.unref();
  return {
    count: () => sockets.clients.size,
    drain: (limitMs) => {
      state.isDraining = true;
      clearInterval(heartbeat);
      return drain(sockets, limitMs);
    },
  };
}

type Refusal = { readonly status: string; readonly code: string };

function refuse(state: State, request: IncomingMessage): Refusal | null {
  const { settings } = state;
  if (state.isDraining) return { status: "503 Service Unavailable", code: "shutting_down" };
  if (!settings.paths.includes(targetOf(request).pathname)) return { status: "404 Not Found", code: "not_found" };
  const { origin } = request.headers;
  const allowed = settings.allowedOrigins.map((each) => each.replace(/\/$/, ""));
  if (origin !== undefined && !allowed.includes("*") && !allowed.includes(origin))
    return { status: "403 Forbidden", code: "origin_not_allowed" };
  const open = state.byAddress.get(addressOf(request)) ?? 0;
  if (open >= settings.maxPerAddress) return { status: "429 Too Many Requests", code: "too_many_sockets" };
  return null;
}

function answer(socket: Duplex, { status, code }: Refusal): void {
  const body = JSON.stringify({
    type: `/errors/${code}`,
    title: status.slice(4),
    status: Number(status.slice(0, 3)),
    code,
  });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/problem+json\r\nConnection: close\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function serve(
  needs: Needs,
  state: State,
  input: {
    readonly accept: (connection: Connection) => ConnectionHandlers;
    readonly request: IncomingMessage;
    readonly webSocket: WebSocket;
  },
): void {
  const { request, webSocket } = input;
  const { settings, byAddress } = state;
  const ip = addressOf(request);
  byAddress.set(ip, (byAddress.get(ip) ?? 0) + 1);
  const handlers = input.accept({
    ip,
    query: targetOf(request).searchParams,
    protocols: (request.headers["sec-websocket-protocol"] ?? "").split(",").map((each) => each.trim()),
    send: (message) => send(webSocket, message, settings.maxBufferedBytes),
    close: (code, reason) => webSocket.close(code, reason),
  });
  state.alive.add(webSocket);
  const allowance = openAllowance({ limit: settings.maxMessagesPerTenSeconds, windowMs: WINDOW_MS });
  webSocket.on("pong", () => state.alive.add(webSocket));
  webSocket.on("error", (error) => needs.logger.info({ ip, reason: error.message }, "a socket failed"));
  webSocket.on("message", (data, isBinary) => {
    if (!allowance.take(performance.now())) return webSocket.close(POLICY, "too_many_messages");
    const message = isBinary ? null : read(data);
    if (message === null) return webSocket.close(UNSUPPORTED, "not_a_json_object");
    void handle(needs, { webSocket, run: () => handlers.onMessage(message) });
  });
  webSocket.on("close", () => {
    const open = (byAddress.get(ip) ?? 1) - 1;
    if (open > 0) byAddress.set(ip, open);
    else byAddress.delete(ip);
    handlers.onClose();
  });
}

async function handle(
  needs: Needs,
  { webSocket, run }: { readonly webSocket: WebSocket; readonly run: () => Promise<void> },
): Promise<void> {
  try {
    await run();
  } catch (error) {
    needs.logger.error({ err: error }, "a socket's message was not handled");
    webSocket.close(INTERNAL, "internal_error");
  }
}

/** What a slow reader leaves unread is memory of ours: past the limit it is cut, since a close frame would wait in the same queue. */
function send(webSocket: WebSocket, message: SocketMessage, maxBufferedBytes: number): void {
  if (webSocket.readyState !== WebSocket.OPEN) return;
  if (webSocket.bufferedAmount > maxBufferedBytes) webSocket.terminate();
  else webSocket.send(JSON.stringify(message));
}

function read(data: RawData): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(String(data));
    return Message.safeParse(parsed).data ?? null;
  } catch {
    return null;
  }
}

function beat({ alive }: State, sockets: WebSocketServer): void {
  for (const webSocket of sockets.clients) {
    if (!alive.has(webSocket)) {
      webSocket.terminate();
      continue;
    }
    alive.delete(webSocket);
    webSocket.ping();
  }
}

async function drain(sockets: WebSocketServer, limitMs: number): Promise<void> {
  const closed = [...sockets.clients].map((webSocket) => {
    if (webSocket.readyState === WebSocket.CLOSED) return Promise.resolve();
    const gone = new Promise<void>((resolve) => void webSocket.once("close", () => resolve()));
    webSocket.close(GOING_AWAY, "shutting_down");
    return gone;
  });
  const limit = setTimeout(() => {
    for (const webSocket of sockets.clients) webSocket.terminate();
  }, limitMs);
  await Promise.all(closed);
  clearTimeout(limit);
}

/**
 * A client that only offers another protocol, as Java's does with `h2c`, means an ordinary request: Node gives it to whoever listens for
 * upgrades, so it goes back to the server without the offer, and with whatever of its body has come.
 */
function handBack(
  server: Server,
  { request, socket, head }: { readonly request: IncomingMessage; readonly socket: Duplex; readonly head: Buffer },
): void {
  const { rawHeaders } = request;
  const lines = rawHeaders.flatMap((name, index) => {
    const isOffer = /^(connection|upgrade|http2-settings)$/i.test(name);
    return index % 2 === 1 || isOffer ? [] : [`${name}: ${rawHeaders[index + 1] ?? ""}`];
  });
  const start = `${request.method} ${request.url} HTTP/1.1`;
  socket.unshift(Buffer.concat([Buffer.from([start, ...lines, "", ""].join("\r\n"), "latin1"), head]));
  server.emit("connection", socket);
}

function targetOf(request: IncomingMessage): URL {
  return URL.parse(request.url ?? "/", "http://localhost") ?? new URL("http://localhost/malformed");
}

/** The server makes its requests with Express's own prototype, so this is the address its rule about proxies trusts. */
function addressOf(request: IncomingMessage): string {
  const trusted: unknown = Reflect.get(request, "ip");
  return typeof trusted === "string" ? trusted : (request.socket.remoteAddress ?? "unknown");
}
