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
};

/** What the request adds to its answer. */
export type AnswerPlace = {
  readonly id: string;
  readonly headers: readonly ReplyHeaders[];
  readonly request: { readonly method?: string | undefined };
};

const SECURITY = securityHeaders();
const SECURITY_FLAT: readonly string[] = SECURITY.flat();
const SECURITY_NAMES = new Set(SECURITY.map(([name]) => name));

/**
 * Writes an answer in one go, with headers as the flat list node:http takes without copying. A stream is piped with backpressure; when
 * it fails half-way the connection is cut, so the caller cannot mistake a part for the whole.
 */
export function writeAnswer(response: ServerResponse, answer: WireAnswer, place: AnswerPlace): void {
  if (response.headersSent || response.destroyed) return;
  const body = place.request.method === "HEAD" ? undefined : answer.body;
  response.writeHead(answer.status, headersOf(answer, place));
  if (body === undefined) response.end();
  else if (isStream(body)) pipeline(Readable.from(body), response).catch(() => response.destroy());
  else response.end(body);
}

function isStream(body: PlainBody | undefined): body is AsyncIterable<string | Uint8Array> {
  return typeof body === "object" && Symbol.asyncIterator in body;
}

function headersOf(answer: WireAnswer, place: AnswerPlace): string[] {
  const { body, status, contentType } = answer;
  const headers = [...SECURITY_FLAT, "X-Request-Id", place.id];
  if (contentType !== undefined) headers.push("Content-Type", contentType);
  for (const group of place.headers) appendHeaders(headers, group);
  if (isStream(body) || status === 204 || status === 304) return headers;
  headers.push("Content-Length", body === undefined ? "0" : String(Buffer.byteLength(body)));
  return headers;
}

function appendHeaders(flat: string[], group: ReplyHeaders): void {
  for (const name in group) {
    const value = group[name];
    if (value === undefined) continue;
    if (SECURITY_NAMES.has(name.toLowerCase())) removeHeader(flat, name.toLowerCase());
    if (typeof value === "string") flat.push(name, value);
    else for (const each of value) flat.push(name, each);
  }
}

/** A route's own value replaces the common one, whose name is in lower case. */
function removeHeader(flat: string[], name: string): void {
  const at = flat.indexOf(name);
  if (at !== -1) flat.splice(at, 2);
}
