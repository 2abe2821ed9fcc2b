import { connect } from "node:net";
import { z } from "zod";
import type { Route } from "../../../src/platform/http/define-route.ts";
import { createMetrics } from "../../../src/platform/http/metrics.ts";
import type { PlatformNeeds } from "../../../src/platform/http/mount-routes.ts";
import { createApplication } from "../../../src/platform/http/mount-routes.ts";
import type { RunningServer, ServeOptions } from "../../../src/platform/http/serve.ts";
import { startServer } from "../../../src/platform/http/serve.ts";
import type { Logger } from "../../../src/platform/logger.ts";
import { createLogger } from "../../../src/platform/logger.ts";

/** Routes behind the real server on a free port, with everything they logged. */
export type ServedRoutes = {
  readonly server: RunningServer;
  readonly lines: readonly string[];
  readonly logger: Logger;
  readonly metrics: PlatformNeeds["metrics"];
  call(path: string, init?: RequestInit & { readonly json?: unknown }): Promise<Reply>;
  close(): Promise<void>;
};

/** An answer with its body read; `problem` is the body as the members every failure has. */
export type Reply = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
};

const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  code: z.string(),
  error: z.unknown(),
});

/** The body as a problem document; throws when it is not one, or is not sent as one. */
export function problemIn(reply: Reply) {
  if (reply.headers.get("content-type") !== "application/problem+json") throw new Error(`not a problem: ${reply.text}`);
  return Problem.parse(reply.json);
}

/** Serves `routes` with small limits and everything optional off, unless `needs` says otherwise. */
export async function serveRoutes(
  routes: readonly Route[],
  needs: Partial<PlatformNeeds> = {},
  options: Partial<ServeOptions> = {},
): Promise<ServedRoutes> {
  const lines: string[] = [];
  const logger = createLogger({
    level: "debug",
    name: "test",
    destination: { write: (line) => void lines.push(line) },
  });
  const metrics = createMetrics({ processMetrics: false });
  const application = createApplication(routes, {
    logger,
    clock: { now: () => Date.now() },
    verifiers: {},
    corsOrigins: [],
    trustProxy: "false",
    bodyLimitBytes: 10_000,
    requestTimeoutMs: 5_000,
    rateLimits: "off",
    metrics,
    validateReplies: true,
    ...needs,
  });
  const server = await startServer({ logger }, application, {
    host: "127.0.0.1",
    port: 0,
    requestTimeoutMs: 5_000,
    ...options,
  });
  return {
    server,
    lines,
    logger,
    metrics,
    call: (path, init = {}) => call(server.url + path, init),
    close: async () => {
      await server.drain(0);
    },
  };
}

async function call(url: string, { json, ...init }: RequestInit & { readonly json?: unknown }): Promise<Reply> {
  const sent = json === undefined ? init : withJson(init, JSON.stringify(json));
  const response = await fetch(url, sent);
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "") && text !== "";
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

function withJson(init: RequestInit, body: string): RequestInit {
  const headers = new Headers(init.headers);
  headers.set("content-type", "application/json");
  return { method: "POST", ...init, headers, body };
}

/** Sends exactly these bytes on a fresh connection and resolves with all that came back once the server closed it or `waitMs` passed. */
export function sendRaw(
  server: RunningServer,
  bytes: string | Buffer | readonly (string | Buffer)[],
  waitMs = 30_000,
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, "127.0.0.1");
    let received = "";
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(received);
    };
    const timer = setTimeout(finish, waitMs);
    socket.setEncoding("latin1");
    socket.on("data", (chunk) => {
      received += String(chunk);
    });
    socket.on("error", finish);
    socket.on("close", finish);
    const parts = typeof bytes === "string" || Buffer.isBuffer(bytes) ? [bytes] : bytes;
    for (const part of parts) socket.write(part);
  });
}
