import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { type Call, parseJson, reply, startLoopbackServer } from "./loopback-server.ts";
import { NEVER, type Part } from "./part.ts";

const Message = z.object({
  id: z.number().int(),
  receivedAt: z.string(),
  method: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  /** What the inbox answered; 500 when a fault was switched on. */
  status: z.number().int(),
});

/** One request that reached the inbox, body as text and headers in lower case. */
export type InboxMessage = z.infer<typeof Message>;

const Faults = z.object({
  failNext: z.number().int().min(0).max(10_000).default(0),
  delayMs: z.number().int().min(0).max(120_000).default(0),
});

/** How to start the inbox. Without `file` it forgets at the end. */
export type InboxOptions = { readonly port: number; readonly file?: string };

/** A place for webhooks to go. `url` takes any POST; the rest of its HTTP surface is described in {@link startWebhookInbox}. */
export type InboxPart = Part & {
  readonly base: string;
  readonly url: string;
  readonly messagesUrl: string;
  readonly faultsUrl: string;
};

type State = { readonly messages: InboxMessage[]; faults: z.infer<typeof Faults>; readonly file: string | undefined };

/**
 * Starts an HTTP server that keeps every request it gets. `GET /messages[?since=ID]` (or `GET /`) lists them, `DELETE /messages` forgets them,
 * `PUT /faults {"failNext": n, "delayMs": d}` makes it answer the next n requests with 500 and wait d ms before every answer.
 * Any other request is stored and answered with 200.
 */
export async function startWebhookInbox(options: InboxOptions): Promise<InboxPart> {
  const state: State = {
    messages: readMessages(options.file),
    faults: { failNext: 0, delayMs: 0 },
    file: options.file,
  };
  const server = await startLoopbackServer(options.port, async (call) => {
    const control = CONTROLS[`${call.request.method} ${call.url.pathname}`];
    await (control ?? receive)(state, call);
  });
  const base = `http://127.0.0.1:${options.port}`;
  return {
    name: "inbox",
    source: "this project",
    base,
    url: `${base}/webhooks`,
    messagesUrl: `${base}/messages`,
    faultsUrl: `${base}/faults`,
    died: NEVER,
    stop: server.stop,
  };
}

async function listMessages(state: State, { url, response }: Call): Promise<void> {
  const since = Number(url.searchParams.get("since") ?? "0");
  reply(response, 200, { messages: state.messages.filter((message) => message.id > since) });
}

const CONTROLS: Readonly<Record<string, (state: State, call: Call) => Promise<void>>> = {
  "GET /": listMessages,
  "GET /messages": listMessages,
  "DELETE /messages": async (state, { response }) => {
    state.messages.length = 0;
    if (state.file !== undefined) rmSync(state.file, { force: true });
    reply(response, 200, { messages: [] });
  },
  "PUT /faults": async (state, { body, response }) => {
    const faults = Faults.safeParse(parseJson(body));
    if (faults.success) state.faults = faults.data;
    reply(response, faults.success ? 200 : 400, state.faults);
  },
};

async function receive(state: State, call: Call): Promise<void> {
  const failing = state.faults.failNext > 0;
  if (failing) state.faults.failNext -= 1;
  const message: InboxMessage = {
    id: (state.messages.at(-1)?.id ?? 0) + 1,
    receivedAt: new Date().toISOString(),
    method: call.request.method ?? "",
    path: call.url.pathname + call.url.search,
    headers: Object.fromEntries(Object.entries(call.request.headers).map(([name, value]) => [name, String(value)])),
    body: call.body,
    status: failing ? 500 : 200,
  };
  state.messages.push(message);
  if (state.file !== undefined) appendFileSync(state.file, `${JSON.stringify(message)}\n`, { mode: 0o600 });
  await pause(state.faults.delayMs);
  reply(call.response, message.status, { id: message.id });
}

function readMessages(file: string | undefined): InboxMessage[] {
  if (file === undefined) return [];
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file)) return [];
  // The last line is cut short when the process was killed while writing it.
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      const message = Message.safeParse(parseJson(line));
      return message.success ? [message.data] : [];
    });
}
