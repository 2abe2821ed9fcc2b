import type { Registry } from "prom-client";
import type { Clock } from "../clock.ts";
import type { Verifiers } from "./authenticate.ts";
import type { Route } from "./define-route.ts";
import type { ApiTitle } from "./openapi.ts";
import { buildOpenApi } from "./openapi.ts";
import { getErrorRoute } from "./routes/get-error.ts";
import type { ServiceName } from "./routes/get-health.ts";
import { getHealthRoute, getLivenessRoute } from "./routes/get-health.ts";
import { getMetricsRoute } from "./routes/get-metrics.ts";
import { getOpenApiRoute } from "./routes/get-openapi.ts";
import type { Capability } from "./routes/get-readiness.ts";
import { getReadinessRoute } from "./routes/get-readiness.ts";
import { getReferenceRoute } from "./routes/get-reference.ts";

/** What the platform's own endpoints show. */
export type PlatformRouteNeeds = {
  readonly clock: Clock;
  readonly metrics: Registry;
  readonly verifiers: Verifiers;
  readonly name: ServiceName;
  readonly title: ApiTitle;
  readonly capabilities: readonly Capability[];
  /** True once shutdown began: /readyz then answers 503, so that no new traffic is sent here. */
  isDraining(): boolean;
};

/** The rooms' routes with the platform's own added: health, metrics, the OpenAPI document, its page and the error codes. */
export function withPlatformRoutes(rooms: readonly Route[], needs: PlatformRouteNeeds): readonly Route[] {
  const routes: readonly Route[] = [
    ...rooms,
    getHealthRoute(needs),
    getLivenessRoute(),
    getReadinessRoute(needs),
    getMetricsRoute(needs),
    getOpenApiRoute({ document: () => buildOpenApi(routes, needs) }),
    getReferenceRoute(),
    getErrorRoute({ routes: () => routes }),
  ];
  return routes;
}
