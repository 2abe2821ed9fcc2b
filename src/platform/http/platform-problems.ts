/** A failure the platform itself may answer, on any route it applies to. */
export type PlatformProblem = { readonly code: string; readonly status: number; readonly meaning: string };

/** Every failure of the platform's own, for the document and for `GET /errors/:code`. */
export const PLATFORM_PROBLEMS: readonly PlatformProblem[] = [
  {
    code: "malformed_json",
    status: 400,
    meaning: "The body is not one JSON text in UTF-8, or repeats a member, or nests beyond 64 levels.",
  },
  { code: "malformed_url", status: 400, meaning: "The URL holds an invalid percent-encoding." },
  { code: "malformed_request", status: 400, meaning: "The request is not valid HTTP/1.1." },
  {
    code: "invalid_request",
    status: 400,
    meaning: "The request has the wrong shape; `issues` names each failing path.",
  },
  { code: "invalid_idempotency_key", status: 400, meaning: "An Idempotency-Key is 1 to 255 visible ASCII characters." },
  { code: "unauthorized", status: 401, meaning: "The credential is missing, unknown, expired or revoked." },
  {
    code: "forbidden",
    status: 403,
    meaning:
      "The credential is valid, but of a kind this endpoint does not take, such as a customer's where a vendor's is needed.",
  },
  { code: "not_found", status: 404, meaning: "No endpoint has this path." },
  { code: "method_not_allowed", status: 405, meaning: "The path exists; `Allow` lists the methods it answers." },
  { code: "request_timeout", status: 408, meaning: "The request did not arrive in time." },
  {
    code: "request_in_progress",
    status: 409,
    meaning: "The first request with this Idempotency-Key is still running. Retry after `Retry-After` seconds.",
  },
  { code: "body_too_large", status: 413, meaning: "The body has more bytes than the endpoint takes." },
  { code: "unsupported_media_type", status: 415, meaning: "The body is not JSON in UTF-8." },
  { code: "unsupported_encoding", status: 415, meaning: "Bodies are accepted uncompressed only." },
  {
    code: "idempotency_key_reused",
    status: 422,
    meaning: "The Idempotency-Key belongs to a request with another content.",
  },
  { code: "rate_limited", status: 429, meaning: "Too many requests. Retry after `Retry-After` seconds." },
  { code: "headers_too_large", status: 431, meaning: "The request's header fields are too large." },
  { code: "internal_error", status: 500, meaning: "Something went wrong on our side; quote the `requestId`." },
  {
    code: "unavailable",
    status: 503,
    meaning: "A part the service needs does not answer. Nothing was changed, or retrying with the same key is safe.",
  },
  {
    code: "deadline_exceeded",
    status: 503,
    meaning: "No answer in time and the outcome is unknown. Retry with the same Idempotency-Key.",
  },
  { code: "not_configured", status: 503, meaning: "The secret this endpoint needs is not set on this server." },
];
