import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { PlainBody, ReplyHeaders } from "./define-route.ts";
import { securityHeaders } from "./security-headers.ts";

/** One answer as bytes to be. `body` undefined sends none. */
export type WireAnswer = {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: PlainBody | undefined;
  readonly headers: readonly ReplyHeaders[];
  readonly requestId: string;
  /** A `HEAD` request: everything but the body. */
  readonly omitBody: boolean;
};

const SECURITY = securityHeaders();
const SECURITY_FLAT: readonly string[] = SECURITY.flat();
const SECURITY_NAMES = new Set(SECURITY.map(([name]) => name));

/**
 * Writes an answer in one go, with headers as the flat list node:http takes without checks or copies. A stream is piped with
 * backpressure; when it fails half-way the connection is cut, so the caller cannot mistake a part for the whole.
 */
export function writeAnswer(response: ServerResponse, answer: WireAnswer): void {
  if (response.headersSent || response.destroyed) return;
  const { body } = answer;
  const isStream = typeof body === "object" && Symbol.asyncIterator in body;
  const length = isStream || body === undefined ? 0 : Buffer.byteLength(body);
  const headers = flatten(answer);
  if (answer.contentType !== undefined) headers.push("Content-Type", answer.contentType);
  if (!isStream && answer.status !== 204 && answer.status !== 304) headers.push("Content-Length", String(length));
  response.writeHead(answer.status, headers);
  if (answer.omitBody || body === undefined) response.end();
  else if (isStream) pipeline(Readable.from(body), response).catch(() => response.destroy());
  else response.end(body);
}

function flatten(answer: WireAnswer): string[] {
  const overridden = answer.headers.some((group) => Object.keys(group).some((name) => SECURITY_NAMES.has(name.toLowerCase())));
  const flat = overridden ? withoutOverridden(answer.headers) : [...SECURITY_FLAT];
  flat.push("X-Request-Id", answer.requestId);
  for (const group of answer.headers) {
    for (const [name, value] of Object.entries(group)) {
      if (typeof value === "string") flat.push(name, value);
      else for (const each of value) flat.push(name, each);
    }
  }
  return flat;
}

function withoutOverridden(groups: readonly ReplyHeaders[]): string[] {
  const names = new Set(groups.flatMap((group) => Object.keys(group)).map((name) => name.toLowerCase()));
  return SECURITY.filter(([name]) => !names.has(name)).flat();
}
