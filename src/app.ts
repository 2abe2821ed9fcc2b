import type { Server } from "node:http";
import type { Express } from "express";
import type { ApiConfig, FacilitatorConfig } from "./config.ts";
import { allowedOrigins } from "./config.ts";
import { type ApiContext, settlementWalletFinder } from "./context.ts";
import { facilitatorVerifier } from "./identity/facilitator-caller.ts";
import { createVerifiers } from "./identity/verifiers.ts";
import { getReceiptKeysRoute } from "./integrations/x402/routes/get-receipt-keys.ts";
import type { Verifiers } from "./platform/http/authenticate.ts";
import type { Route } from "./platform/http/define-route.ts";
import { DEFAULT_LEASE_SECONDS, DEFAULT_RETENTION_SECONDS } from "./platform/http/idempotency.ts";
import { createApplication } from "./platform/http/mount-routes.ts";
import { buildOpenApi } from "./platform/http/openapi.ts";
import type { RateLimits } from "./platform/http/rate-limit.ts";
import { DEFAULT_RATE_LIMITS } from "./platform/http/rate-limit.ts";
import { getErrorRoute } from "./platform/http/routes/get-error.ts";
import { getHealthRoute, getLivenessRoute } from "./platform/http/routes/get-health.ts";
import { getMetricsRoute } from "./platform/http/routes/get-metrics.ts";
import { getOpenApiRoute } from "./platform/http/routes/get-openapi.ts";
import { getReadinessRoute } from "./platform/http/routes/get-readiness.ts";
import { getReferenceRoute } from "./platform/http/routes/get-reference.ts";
import { getRootRoute } from "./platform/http/routes/get-root.ts";
import { accessRoutes } from "./products/access/routes.ts";
import type { SessionSockets } from "./products/access/sessions/session-sockets.ts";
import { openSessionSockets } from "./products/access/sessions/session-sockets.ts";
import { openTopUp } from "./products/access/sessions/socket-top-up.ts";
import type { FacilitatorRouteNeeds } from "./products/facilitator/facilitator-route-needs.ts";
import { facilitatorRoutes } from "./products/facilitator/routes.ts";
import { operatorRoutes } from "./products/purchases/operators/routes.ts";
import { createPurchaseCache } from "./products/purchases/purchase-cache.ts";
import { openMoneyMoves } from "./products/purchases/repairs/open-money-moves.ts";
import { purchaseRoutes } from "./products/purchases/routes.ts";
import { capabilities, facilitatorCapabilities } from "./readiness.ts";

/** Name and version as monitors and the OpenAPI document show them. */
const NAME = { service: "tollkeeper", version: "0.1.0" };
const TITLE = {
  title: "Tollkeeper",
  version: NAME.version,
  description: "One API for everything that is sold by use.",
};

/**
 * Seed 001's limits, and those of the rooms here. A checkout costs us a deposit address for ever, so opening one is dear; a metering
 * server is trusted, and its limit only stops a runaway loop. Registering asks chains, so it is rare.
 */
const RATE_LIMITS = {
  ...DEFAULT_RATE_LIMITS,
  initiate: { limit: 60, windowSeconds: 60, by: "ip" },
  checkout: { limit: 600, windowSeconds: 60, by: "ip" },
  customer: { limit: 600, windowSeconds: 60, by: "principal" },
  admin: { limit: 600, windowSeconds: 60, by: "principal" },
  register: { limit: 10, windowSeconds: 3_600, by: "ip" },
  catalogue: { limit: 600, windowSeconds: 60, by: "ip" },
  metering: { limit: 1_000_000, windowSeconds: 60, by: "principal" },
} as const satisfies RateLimits;

/** How much more `RATE_LIMITS=relaxed` lets through: for sandboxes and load tests that still want to see the headers. */
const RELAXED = 100;

function rateLimits(mode: ApiConfig["RATE_LIMITS"]): RateLimits {
  if (mode === "off") return "off";
  const factor = mode === "relaxed" ? RELAXED : 1;
  return Object.fromEntries(
    Object.entries(RATE_LIMITS).map(([name, rule]) => [name, { ...rule, limit: rule.limit * factor }]),
  );
}

/** What a route table is made from. `isDraining` turns readiness off while the process finishes its last requests. */
export type AppNeeds = { readonly context: ApiContext; readonly config: ApiConfig; readonly isDraining: () => boolean };

/** Every endpoint of every room: the whole HTTP surface on one screen. */
export function appRoutes({ context, config, isDraining }: AppNeeds, verifiers: Verifiers): readonly Route[] {
  const all: readonly Route[] = [
    getRootRoute({ name: NAME }),
    getHealthRoute({ clock: context.clock, name: NAME }),
    getLivenessRoute(),
    getReadinessRoute({ capabilities: capabilities(context), isDraining }),
    getMetricsRoute(context),
    getOpenApiRoute({ document: () => buildOpenApi(all, { title: TITLE, verifiers }) }),
    getReferenceRoute(),
    getErrorRoute({ routes: () => all }),
    ...purchaseRoutes({
      ...context,
      purchases: createPurchaseCache(context.database),
      checkoutTtlSeconds: config.CHECKOUT_TTL_SECONDS,
      countryHeader: config.IP_COUNTRY_HEADER ?? null,
    }),
    ...operatorRoutes({ ...context, money: openMoneyMoves(context) }),
    ...accessRoutes({
      ...accessNeeds({ context, config }),
      defaultUnit: config.UNIT_TYPE,
      allowPrivateHosts: config.NOTIFY_ALLOW_PRIVATE_HOSTS,
    }),
    getReceiptKeysRoute(context),
  ];
  return all;
}

/** What paying for access needs, over HTTP and in a socket. */
function accessNeeds({ context, config }: Pick<AppNeeds, "context" | "config">) {
  return {
    ...context,
    paymentTimeoutSeconds: config.PAYMENT_TIMEOUT,
    takesBarePayments: config.PAY2_BARE && config.NODE_ENV !== "production",
    settlementWalletOf: settlementWalletFinder(config, context.networks),
  };
}

/** Sessions over WebSockets, on the server that serves {@link createApp}. */
export function openAppSockets(
  { context, config }: Pick<AppNeeds, "context" | "config">,
  server: Server,
): Promise<SessionSockets> {
  return openSessionSockets(
    { ...context, databaseUrl: config.DATABASE_URL, buyTime: openTopUp(accessNeeds({ context, config })) },
    server,
    { allowedOrigins: allowedOrigins(config) },
  );
}

/** The Express application of the API process. */
export function createApp(needs: AppNeeds): Express {
  const { context, config } = needs;
  const verifiers = createVerifiers({ keys: context.keys, adminToken: config.ADMIN_API_TOKEN });
  return createApplication(appRoutes(needs, verifiers), {
    logger: context.logger,
    clock: context.clock,
    verifiers,
    corsOrigins: allowedOrigins(config),
    trustProxy: config.TRUST_PROXY,
    bodyLimitBytes: config.MAX_BODY_BYTES,
    requestTimeoutMs: config.REQUEST_TIMEOUT_SECONDS * 1000,
    rateLimits: rateLimits(config.RATE_LIMITS),
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

/** PayAI's own are 50 settlements and 200 checks a second and address; ours serves few callers. */
const FACILITATOR_LIMITS = { facilitator: { limit: 6_000, windowSeconds: 60, by: "ip" } } as const satisfies RateLimits;

/** The Express application of the facilitator process. Without a token, which production asks for, whoever reaches it may call. */
export function createFacilitatorApp(needs: {
  readonly context: Pick<ApiContext, "logger" | "clock" | "database" | "metrics"> &
    Pick<FacilitatorRouteNeeds, "facilitator">;
  readonly config: Pick<FacilitatorConfig, "FACILITATOR_TOKEN" | "NODE_ENV">;
  readonly isDraining: () => boolean;
}): Express {
  const { context, config, isDraining } = needs;
  const { FACILITATOR_TOKEN: token } = config;
  const isOpen = token === undefined && config.NODE_ENV !== "production";
  const name = { ...NAME, service: "tollkeeper-facilitator" };
  const routes = [
    getHealthRoute({ clock: context.clock, name }),
    getLivenessRoute(),
    getReadinessRoute({ capabilities: facilitatorCapabilities(context), isDraining }),
    getMetricsRoute(context),
    ...facilitatorRoutes({ facilitator: context.facilitator, auth: isOpen ? ["none"] : ["facilitatorToken"] }),
  ];
  return createApplication(routes, {
    logger: context.logger,
    clock: context.clock,
    verifiers: { facilitatorToken: facilitatorVerifier(token) },
    corsOrigins: [],
    trustProxy: "false",
    bodyLimitBytes: 32_768,
    requestTimeoutMs: 30_000,
    rateLimits: FACILITATOR_LIMITS,
    metrics: context.metrics,
    validateReplies: config.NODE_ENV === "test",
  });
}
