import type { IncomingHttpHeaders } from "node:http";
import type { ReplyHeaders } from "./define-route.ts";

/** Answers what cross-origin headers a request gets. */
export type Cors = {
  /** For an ordinary answer; empty when the request comes from no browser page. */
  forAnswer(headers: IncomingHttpHeaders): ReplyHeaders;
  /** For `OPTIONS`: the grant, or only `Vary` when the origin is not on the list. */
  forPreflight(headers: IncomingHttpHeaders, allow: string): ReplyHeaders;
};

/** What a request without an `Origin` gets: nothing. */
export const NO_HEADERS: ReplyHeaders = Object.freeze({});
const EXPOSED = [
  ...[
    "X-Request-Id",
    "Idempotency-Replayed",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Location",
    "Next-Cursor",
    "Content-Disposition",
    "WWW-Authenticate",
  ],
  ...["X-Credits-Charged", "X-Credits-Balance", "PAYMENT-REQUIRED", "PAYMENT-RESPONSE", "X-PAYMENT-RESPONSE"],
  ...["x-cost", "x-address", "x-facilitator", "x-network", "x-unit", "x-units", "x-total"],
  ...["x-quote-id", "x-quote-expires"],
].join(", ");
const PREFLIGHT_SECONDS = "600";

/**
 * An exact whitelist of origins, with credentials. An origin off the list gets no grant, so its page cannot read the answer. A sole
 * `*` opens every origin, then without credentials (the Fetch standard forbids both together).
 */
export function createCors(origins: readonly string[]): Cors {
  if (origins.length === 0) return { forAnswer: () => NO_HEADERS, forPreflight: (_headers, allow) => ({ allow }) };
  const allowed = new Set(origins.map((origin) => origin.replace(/\/$/, "")));
  const grant = (origin: string): ReplyHeaders => {
    if (allowed.has("*")) return { "access-control-allow-origin": "*", "access-control-expose-headers": EXPOSED };
    if (!allowed.has(origin)) return { vary: "Origin" };
    return {
      vary: "Origin",
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": EXPOSED,
    };
  };
  return {
    forAnswer: ({ origin }) => (origin === undefined ? NO_HEADERS : grant(origin)),
    // Whatever is asked for is allowed: a list would have to know what clients send, and some send even
    // Access-Control-Expose-Headers (x402's fetch and axios clients do).
    forPreflight: (headers, allow) => {
      const granted = headers.origin === undefined ? NO_HEADERS : grant(headers.origin);
      if (granted["access-control-allow-origin"] === undefined) return { ...granted, allow };
      return {
        ...granted,
        allow,
        "access-control-allow-methods": allow,
        "access-control-allow-headers": headers["access-control-request-headers"] ?? "authorization, content-type",
        "access-control-max-age": PREFLIGHT_SECONDS,
        vary: "Origin, Access-Control-Request-Headers",
      };
    },
  };
}
