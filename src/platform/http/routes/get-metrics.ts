import type { Registry } from "prom-client";
import { defineRoute } from "../define-route.ts";

/** GET /metrics. Every metric of this process in the Prometheus text format. */
export const getMetricsRoute = (needs: { readonly metrics: Registry }) =>
  defineRoute({
    operationId: "getMetrics",
    summary: "Prometheus metrics",
    tags: ["platform"],
    method: "get",
    path: "/metrics",
    auth: ["none"],
    reply: { status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8" },
    handler: () => needs.metrics.metrics(),
  });
