import type { JsonValue } from "../../errors.ts";
import { DomainError } from "../../errors.ts";

/** One place where a request was wrong: a path such as `body.items[2].price` and what was expected there. */
export type RequestIssue = { readonly path: string; readonly message: string };

type Init = {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly members?: Readonly<Record<string, JsonValue>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
};

/** A failure of HTTP itself rather than of a room; may carry response headers such as `Allow`. */
export class HttpError extends DomainError {
  readonly headers: Readonly<Record<string, string>>;

  constructor(init: Init) {
    super(init);
    this.headers = init.headers ?? {};
  }
}

/** 400 `malformed_json`: the body is not one JSON text in UTF-8, or is one we refuse (duplicate member, too deep, 1e400). */
export class MalformedJson extends HttpError {
  constructor(detail: string) {
    super({ code: "malformed_json", status: 400, title: "Malformed JSON", detail });
  }
}

/** 400 `invalid_request`: well-formed, wrong shape. `issues` lists each failing path. */
export class InvalidRequest extends HttpError {
  constructor(issues: readonly RequestIssue[]) {
    const first = issues[0];
    const detail = first === undefined ? "The request has the wrong shape." : `${first.path}: ${first.message}`;
    super({ code: "invalid_request", status: 400, title: "Invalid request", detail, members: { issues: [...issues] } });
  }
}

/** 400 `malformed_url`: a percent-encoding in the path or query does not decode to UTF-8. */
export class MalformedUrl extends HttpError {
  constructor() {
    super({
      code: "malformed_url",
      status: 400,
      title: "Malformed URL",
      detail: "The URL holds an invalid percent-encoding.",
    });
  }
}

/** 401 `unauthorized`: no credential, and what is wanted; or one we do not know, never saying which of unknown, expired or revoked. */
export class Unauthorized extends HttpError {
  constructor(reason: { readonly wanted: string } | "unknown", challenge: string) {
    super({
      code: "unauthorized",
      status: 401,
      title: "Unauthorized",
      detail:
        reason === "unknown" ? "The credential is not valid." : `This endpoint needs a credential: ${reason.wanted}`,
      headers: { "www-authenticate": challenge },
    });
  }
}

/** 403 `forbidden`: the credential is valid, but of a kind this endpoint does not take. */
export class Forbidden extends HttpError {
  constructor(kinds: { readonly needed: readonly string[]; readonly given: string }) {
    super({
      code: "forbidden",
      status: 403,
      title: "Forbidden",
      detail: `This endpoint takes a credential of the scheme ${kinds.needed.join(" or ")}; the given one is valid, but it is the ${kinds.given}'s.`,
    });
  }
}

/** 404 `not_found`: no endpoint has this path. */
export class PathNotFound extends HttpError {
  constructor() {
    super({ code: "not_found", status: 404, title: "Not found", detail: "No endpoint has this path." });
  }
}

/** 405 `method_not_allowed`: the path exists; `Allow` lists its methods. */
export class MethodNotAllowed extends HttpError {
  constructor(allow: string) {
    super({
      code: "method_not_allowed",
      status: 405,
      title: "Method not allowed",
      detail: `This path answers ${allow}.`,
      headers: { allow },
    });
  }
}

/** 408 `request_timeout`: the caller sent its request too slowly. */
export class RequestTimeout extends HttpError {
  constructor() {
    super({
      code: "request_timeout",
      status: 408,
      title: "Request timeout",
      detail: "The request did not arrive in time.",
      headers: { connection: "close" },
    });
  }
}

/** 413 `body_too_large`: more bytes than the endpoint takes. The connection closes, so the rest is never read. */
export class BodyTooLarge extends HttpError {
  constructor(limitBytes: number) {
    super({
      code: "body_too_large",
      status: 413,
      title: "Body too large",
      detail: `The body may not exceed ${limitBytes} bytes.`,
      members: { limitBytes },
      headers: { connection: "close" },
    });
  }
}

/** 415 `unsupported_media_type`: not JSON, or not UTF-8. */
export class UnsupportedMediaType extends HttpError {
  constructor(detail: string) {
    super({
      code: "unsupported_media_type",
      status: 415,
      title: "Unsupported media type",
      detail,
      headers: { accept: "application/json" },
    });
  }
}

/** 415 `unsupported_encoding`: compressed bodies are refused, so none can unpack into gigabytes. */
export class UnsupportedEncoding extends HttpError {
  constructor() {
    super({
      code: "unsupported_encoding",
      status: 415,
      title: "Unsupported content encoding",
      detail: "Send the body without a Content-Encoding.",
      headers: { "accept-encoding": "identity" },
    });
  }
}

/** 429 `rate_limited`: the named limit is used up; `Retry-After` says for how many seconds. */
export class RateLimited extends HttpError {
  constructor(retryAfterSeconds: number, headers: Readonly<Record<string, string>>) {
    super({
      code: "rate_limited",
      status: 429,
      title: "Too many requests",
      detail: `Retry in ${retryAfterSeconds} s.`,
      members: { retryAfterSeconds },
      headers,
    });
  }
}

/** 503 `not_configured`: the secret this endpoint needs is unset on this server; it fails closed. */
export class NotConfigured extends HttpError {
  constructor() {
    super({
      code: "not_configured",
      status: 503,
      title: "Not configured",
      detail: "This endpoint is not configured on this server.",
    });
  }
}

/** 503 `unavailable`: a part we need (usually the database) does not answer. Nothing is said of which or why. */
export class Unavailable extends HttpError {
  constructor(cause?: unknown) {
    super({
      code: "unavailable",
      status: 503,
      title: "Temporarily unavailable",
      detail: "The service cannot answer right now. Retry shortly.",
      members: { retryAfterSeconds: 2 },
      cause,
    });
  }
}

/** 503 `deadline_exceeded`: no answer in time. The outcome is unknown: repeat with the same idempotency key. */
export class DeadlineExceeded extends HttpError {
  constructor() {
    super({
      code: "deadline_exceeded",
      status: 503,
      title: "Deadline exceeded",
      detail: "No answer was ready in time and the outcome is unknown. Retry with the same idempotency key.",
      members: { retryAfterSeconds: 2 },
    });
  }
}

/** 500 `internal_error`: a broken invariant. The log has the reason under the request id; the caller gets only that id. */
export class InternalError extends HttpError {
  constructor(cause?: unknown) {
    super({
      code: "internal_error",
      status: 500,
      title: "Internal error",
      detail: "Something went wrong on our side. Quote the requestId when you report it.",
      cause,
    });
  }
}

/** 400 `invalid_idempotency_key`: not 1 to 255 visible ASCII characters. */
export class InvalidIdempotencyKey extends HttpError {
  constructor() {
    super({
      code: "invalid_idempotency_key",
      status: 400,
      title: "Invalid idempotency key",
      detail: "An Idempotency-Key is 1 to 255 visible ASCII characters.",
    });
  }
}

/** 422 `idempotency_key_reused`: the key already belongs to a request with another content. */
export class IdempotencyKeyReused extends HttpError {
  constructor() {
    super({
      code: "idempotency_key_reused",
      status: 422,
      title: "Idempotency key reused",
      detail: "This Idempotency-Key was used with another request. Use a new key.",
    });
  }
}

/** 409 `request_in_progress`: the first request with this key is still running. */
export class RequestInProgress extends HttpError {
  constructor(retryAfterSeconds: number) {
    super({
      code: "request_in_progress",
      status: 409,
      title: "Request in progress",
      detail: "The first request with this Idempotency-Key is still running.",
      members: { retryAfterSeconds },
    });
  }
}
