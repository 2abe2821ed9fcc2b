import type { Registry } from "prom-client";
import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { Authenticate, Verifiers } from "./authenticate.ts";
import { compileAuthentication } from "./authenticate.ts";
import type { ErrorDialect, ReplyDeclaration, Route } from "./define-route.ts";
import type { IdempotencyNeeds } from "./idempotency.ts";
import type { RateLimiter, RateLimits } from "./rate-limit.ts";

/** Everything the HTTP layer needs from its process. */
export type PlatformNeeds = {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly verifiers: Verifiers;
  /** Exact origins whose pages may call with credentials; `["*"]` opens all, without credentials. */
  readonly corsOrigins: readonly string[];
  /** `false`, a number of proxies, or comma-separated addresses and ranges whose `X-Forwarded-For` is believed. */
  readonly trustProxy: string;
  readonly bodyLimitBytes: number;
  readonly requestTimeoutMs: number;
  readonly rateLimits: RateLimits;
  /** Where answers of `idempotency: "stored"` routes are kept; mounting such a route without it throws. */
  readonly idempotency?: IdempotencyNeeds;
  readonly metrics: Registry;
  /** Compares every answer with its declaration; for tests and development, as it costs a parse. */
  readonly validateReplies?: boolean;
};

/** A route compiled for serving: everything that does not depend on the request is decided here, once. */
export type Endpoint = {
  readonly route: Route;
  readonly dialect: ErrorDialect;
  readonly authenticate: Authenticate;
  readonly limiter: RateLimiter | undefined;
  readonly idempotency: IdempotencyNeeds | undefined;
  readonly readsKey: boolean;
  readonly readsBody: boolean;
  readonly bodyLimitBytes: number;
  readonly timeoutMs: number;
  readonly defaultReply: ReplyDeclaration;
  readonly replies: readonly ReplyDeclaration[];
  readonly validateReplies: boolean;
};

/** Compiles a route. Throws at start, not at the first request, when it names a missing verifier, limit or store. */
export function compileEndpoint(
  route: Route,
  needs: PlatformNeeds,
  limiterNamed: (name: string) => RateLimiter | undefined,
): Endpoint {
  const replies = route.replies ?? (route.reply === undefined ? [] : [route.reply]);
  const [defaultReply] = replies;
  if (defaultReply === undefined) throw new Error(`${route.operationId} declares no reply.`);
  const isStored = route.idempotency === "stored";
  if (isStored && needs.idempotency === undefined) throw new Error(`${route.operationId} needs the idempotency store.`);
  return {
    route,
    dialect: route.dialect ?? "string",
    authenticate: compileAuthentication(route.auth, needs.verifiers),
    limiter: route.rateLimit === undefined ? undefined : limiterNamed(route.rateLimit),
    idempotency: isStored ? needs.idempotency : undefined,
    readsKey: route.idempotency !== undefined && route.idempotency !== "none",
    readsBody: route.body !== undefined || route.rawBody === true,
    bodyLimitBytes: route.bodyLimitBytes ?? needs.bodyLimitBytes,
    timeoutMs: route.timeoutMs ?? needs.requestTimeoutMs,
    defaultReply,
    replies,
    validateReplies: needs.validateReplies === true,
  };
}
