import type { Express } from "express";
import type { ApiConfig } from "./config.ts";
import type { ApiContext } from "./context.ts";
import { createVerifiers } from "./identity/verifiers.ts";
import type { Route } from "./platform/http/define-route.ts";
import { DEFAULT_LEASE_SECONDS, DEFAULT_RETENTION_SECONDS } from "./platform/http/idempotency.ts";
import { createApplication } from "./platform/http/mount-routes.ts";
import type { RateLimits } from "./platform/http/rate-limit.ts";
import { DEFAULT_RATE_LIMITS } from "./platform/http/rate-limit.ts";
import { createPurchaseCache } from "./products/purchases/purchase-cache.ts";
import { purchaseRoutes } from "./products/purchases/routes.ts";

/** Seed 001's limits, and those of the rooms here. Metering servers are trusted: theirs only stops a runaway loop. */
const RATE_LIMITS = {
  ...DEFAULT_RATE_LIMITS,
  checkout: { limit: 120, windowSeconds: 60, by: "ip" },
  metering: { limit: 1_000_000, windowSeconds: 60, by: "principal" },
} as const satisfies RateLimits;

/** Every endpoint of every room: the whole HTTP surface on one screen. */
export function routes(context: ApiContext, config: ApiConfig): readonly Route[] {
  return [
    ...purchaseRoutes({ ...context, purchases: createPurchaseCache(context.database), checkoutTtlSeconds: config.CHECKOUT_TTL_SECONDS }),
  ];
}

/** The Express application of the API process. */
export function createApp(context: ApiContext, config: ApiConfig): Express {
  return createApplication(routes(context, config), {
    logger: context.logger,
    clock: context.clock,
    verifiers: createVerifiers({ keys: context.keys, adminToken: config.ADMIN_API_TOKEN }),
    corsOrigins: config.ALLOWED_ORIGINS ?? config.CORS_ORIGINS ?? [],
    trustProxy: config.TRUST_PROXY,
    bodyLimitBytes: config.MAX_BODY_BYTES,
    requestTimeoutMs: config.REQUEST_TIMEOUT_SECONDS * 1000,
    rateLimits: config.RATE_LIMITS === "off" ? "off" : RATE_LIMITS,
    idempotency: {
      database: context.database,
      masterKey: context.masterKey,
      retentionSeconds: DEFAULT_RETENTION_SECONDS,
      leaseSeconds: DEFAULT_LEASE_SECONDS,
    },
    metrics: context.metrics,
    validateReplies: config.NODE_ENV === "test",
  });
}
