import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMetrics } from "../../../../src/platform/http/metrics.ts";
import { getLivenessRoute } from "../../../../src/platform/http/routes/get-health.ts";
import { getMetricsRoute } from "../../../../src/platform/http/routes/get-metrics.ts";
import type { ServedRoutes } from "../served-routes.ts";
import { serveRoutes } from "../served-routes.ts";

const metrics = createMetrics({ processMetrics: true });
let served: ServedRoutes;
beforeAll(async () => {
  served = await serveRoutes([getLivenessRoute(), getMetricsRoute({ metrics })], { metrics });
});
afterAll(() => served.close());

describe("GET /metrics", () => {
  it("shows the process and its requests in Prometheus' format", async () => {
    await served.call("/livez");
    const reply = await served.call("/metrics");
    expect(reply.headers.get("content-type")).toContain("version=0.0.4");
    expect(reply.text).toContain("process_cpu_seconds_total");
    expect(reply.text).toMatch(
      /http_request_duration_seconds_bucket\{le="0\.001",operation="getLiveness",status="200"\} [0-9]/,
    );
  });
});
