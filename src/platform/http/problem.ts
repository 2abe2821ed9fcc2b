import type { JsonValue } from "../../errors.ts";
import { DomainError } from "../../errors.ts";
import type { ErrorDialect, ReplyHeaders } from "./define-route.ts";
import { HttpError, InternalError, Unavailable } from "./errors.ts";

/** A failure ready to be written: status, headers and the JSON document. */
export type RenderedProblem = {
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly contentType: string;
  readonly document: Readonly<Record<string, JsonValue>>;
};

/** What the document says about the request it answers. `instance` is the path without its query, which may hold secrets. */
export type ProblemPlace = { readonly requestId: string; readonly instance: string; readonly dialect: ErrorDialect };

const OUTAGE_CODES = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "ETIMEDOUT", "EPIPE", "EHOSTUNREACH"],
  // Postgres: shutting down, starting up, too many connections, read-only standby after failover, statement timeout.
  ...["57P01", "57P02", "57P03", "53300", "25006", "57014", "08000", "08001", "08003", "08004", "08006"],
]);
const OUTAGE_NAMES = new Set(["KnexTimeoutError", "TimeoutError"]);
// Knex puts the statement and " - " before what the driver says.
const OUTAGE_MESSAGE =
  /(?:^| - )(?:Connection terminated|Connection ended|Client has encountered a connection error|timeout exceeded when trying to connect|Unable to acquire a connection)/;

/**
 * Turns whatever was thrown into a failure we may show: a DomainError as it is, a database outage as 503 `unavailable`, anything
 * else as 500 `internal_error`. The original stays as `cause` for the log.
 */
export function toDomainError(thrown: unknown): DomainError {
  if (thrown instanceof DomainError) return thrown;
  return isOutage(thrown) ? new Unavailable(thrown) : new InternalError(thrown);
}

function isOutage(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  if ("code" in thrown && typeof thrown.code === "string" && OUTAGE_CODES.has(thrown.code)) return true;
  if (OUTAGE_NAMES.has(thrown.name) || OUTAGE_MESSAGE.test(thrown.message)) return true;
  return thrown instanceof AggregateError && thrown.errors.some(isOutage);
}

/**
 * RFC 9457 problem+json with the family's `error` member, or the OpenAI body for gateway routes. A member named
 * `retryAfterSeconds` also becomes `Retry-After`.
 */
export function renderProblem(error: DomainError, place: ProblemPlace): RenderedProblem {
  const retryAfter = error.members.retryAfterSeconds;
  const headers = {
    ...(error instanceof HttpError ? error.headers : {}),
    ...(typeof retryAfter === "number" ? { "retry-after": String(Math.max(1, Math.ceil(retryAfter))) } : {}),
    "cache-control": "no-store",
  };
  if (place.dialect === "openai") {
    return {
      status: error.status,
      headers,
      contentType: "application/json",
      document: { error: openaiError(error, place) },
    };
  }
  return {
    status: error.status,
    headers,
    contentType: "application/problem+json",
    document: {
      ...error.members,
      type: `/errors/${error.code}`,
      title: error.title,
      status: error.status,
      detail: error.message,
      code: error.code,
      instance: place.instance,
      requestId: place.requestId,
      error: place.dialect === "object" ? objectError(error) : error.message,
    },
  };
}

function objectError(error: DomainError): JsonValue {
  const hasDetails = Object.keys(error.members).length > 0;
  return { code: error.code, message: error.message, ...(hasDetails ? { details: { ...error.members } } : {}) };
}

/** OpenAI's own `type` words by status, so that its SDKs raise their matching exception. */
function openaiError(error: DomainError, place: ProblemPlace): JsonValue {
  return {
    message: error.message,
    type: openaiType(error.status),
    code: error.code,
    param: null,
    ...error.members,
    request_id: place.requestId,
  };
}

function openaiType(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 402) return "insufficient_quota";
  if (status === 403) return "permission_error";
  if (status === 404) return "not_found_error";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}
