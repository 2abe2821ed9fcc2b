import { describe, expect, it } from "vitest";
import { createMetrics, observeRequests } from "../../../src/platform/http/metrics.ts";

describe("the time requests take", () => {
  it("is counted by operation and status, each request once", async () => {
    const registry = createMetrics({ processMetrics: false });
    const observe = observeRequests(registry);
    observe("getPurchase", 200, 0.004);
    observe("getPurchase", 200, 0.2);
    observe("getPurchase", 404, 0.001);
    const text = await registry.metrics();
    const series = 'http_request_duration_seconds_count{operation="getPurchase",status=';
    expect(text).toContain(`${series}"200"} 2`);
    expect(text).toContain(`${series}"404"} 1`);
    expect(text).toContain('http_request_duration_seconds_bucket{le="0.005",operation="getPurchase",status="200"} 1');
  });

  it("longer than every bucket is still counted", async () => {
    const registry = createMetrics({ processMetrics: false });
    observeRequests(registry)("slow", 200, 900);
    const text = await registry.metrics();
    expect(text).toContain('bucket{le="30",operation="slow",status="200"} 0');
    expect(text).toContain('bucket{le="+Inf",operation="slow",status="200"} 1');
  });
});

describe("a registry", () => {
  it("tells of its own process where asked to", async () => {
    expect(await createMetrics({ processMetrics: true }).metrics()).toContain("process_cpu_seconds_total");
    expect(await createMetrics({ processMetrics: false }).metrics()).not.toContain("process_cpu_seconds_total");
  });

  it("shares nothing with another one of the same process", async () => {
    const [one, other] = [createMetrics({ processMetrics: false }), createMetrics({ processMetrics: false })];
    observeRequests(one)("mine", 200, 1);
    observeRequests(other);
    expect(await other.metrics()).not.toContain('operation="mine"');
  });
});
