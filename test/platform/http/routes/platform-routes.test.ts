import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Route } from "../../../../src/platform/http/define-route.ts";
import { createMetrics } from "../../../../src/platform/http/metrics.ts";
import { buildOpenApi } from "../../../../src/platform/http/openapi.ts";
import { getErrorRoute } from "../../../../src/platform/http/routes/get-error.ts";
import { getHealthRoute, getLivenessRoute } from "../../../../src/platform/http/routes/get-health.ts";
import { getMetricsRoute } from "../../../../src/platform/http/routes/get-metrics.ts";
import { getOpenApiRoute } from "../../../../src/platform/http/routes/get-openapi.ts";
import { getReadinessRoute } from "../../../../src/platform/http/routes/get-readiness.ts";
import { getReferenceRoute } from "../../../../src/platform/http/routes/get-reference.ts";
import type { ServedRoutes } from "../served-routes.ts";
import { problemIn, serveRoutes } from "../served-routes.ts";

const state = { postgres: true, chain: true, chainHangs: false, draining: false };
const answer = async (works: boolean) => {
  if (!works) throw new Error("password=hunter2");
};
const capabilities = [
  { name: "postgres", essential: true, check: () => answer(state.postgres) },
  {
    name: "chain",
    essential: false,
    check: () => (state.chainHangs ? new Promise<void>(() => undefined) : answer(state.chain)),
  },
];
const title = { title: "Test", version: "1.2.3", description: "A test." };
const metrics = createMetrics({ processMetrics: true });
const routes: readonly Route[] = [
  getHealthRoute({ clock: { now: () => 0 }, name: { service: "test", version: "1.2.3" } }),
  getLivenessRoute(),
  getReadinessRoute({ capabilities, isDraining: () => state.draining }),
  getMetricsRoute({ metrics }),
  getOpenApiRoute({ document: () => buildOpenApi(routes, { title, verifiers: {} }) }),
  getReferenceRoute(),
  getErrorRoute({ routes: () => [...routes] }),
];

let served: ServedRoutes;
beforeAll(async () => {
  served = await serveRoutes(routes, { metrics });
});
afterAll(() => served.close());

describe("GET /health", () => {
  it("answers under both spellings while the process lives", async () => {
    for (const path of ["/health", "/api/health"]) {
      const reply = await served.call(path);
      expect(reply.json).toEqual({
        status: "ok",
        service: "test",
        version: "1.2.3",
        timestamp: "1970-01-01T00:00:00.000Z",
      });
    }
    expect((await served.call("/livez")).text).toBe("ok\n");
  });
});

describe("GET /readyz", () => {
  it("degrades by capability and takes itself out only without Postgres or while draining", async () => {
    const read = async () => {
      const { status, json } = await served.call("/readyz");
      return [status, json];
    };
    expect(await read()).toEqual([200, { status: "ok", capabilities: { postgres: "ok", chain: "ok" } }]);
    state.chain = false;
    expect(await read()).toEqual([200, { status: "degraded", capabilities: { postgres: "ok", chain: "unavailable" } }]);
    state.chainHangs = true;
    expect(await read()).toEqual([200, { status: "degraded", capabilities: { postgres: "ok", chain: "unavailable" } }]);
    Object.assign(state, { chain: true, chainHangs: false, postgres: false });
    expect(await read()).toEqual([
      503,
      { status: "unavailable", capabilities: { postgres: "unavailable", chain: "ok" } },
    ]);
    Object.assign(state, { postgres: true, draining: true });
    expect((await read())[0]).toBe(503);
    state.draining = false;
  });
});

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

describe("GET /docs", () => {
  it("needs nothing from elsewhere, and its policy allows exactly its own script and style", async () => {
    const reply = await served.call("/docs");
    const policy = reply.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'/);
    expect(policy).not.toContain("unsafe");
    expect(reply.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\/|@import|\burl\(/);
    expect(reply.text).toContain("operationsOf");
    expect((await served.call("/openapi.json")).json).toMatchObject({ openapi: "3.1.1", info: { title: "Test" } });
  });
});

describe("GET /errors/:code", () => {
  it("explains the platform's codes, lists who declares a room's, and is 404 for others", async () => {
    expect((await served.call("/errors/rate_limited")).json).toMatchObject({ code: "rate_limited", status: 429 });
    expect((await served.call("/errors/not_found")).json).toMatchObject({ operations: ["getError"] });
    expect(problemIn(await served.call("/errors/nonsense")).code).toBe("not_found");
    expect((await served.call("/errors/__proto__")).status).toBe(404);
  });
});
