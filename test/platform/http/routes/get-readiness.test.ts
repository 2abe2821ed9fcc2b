import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getReadinessRoute } from "../../../../src/platform/http/routes/get-readiness.ts";
import type { ServedRoutes } from "../served-routes.ts";
import { serveRoutes } from "../served-routes.ts";

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

let served: ServedRoutes;
beforeAll(async () => {
  served = await serveRoutes([getReadinessRoute({ capabilities, isDraining: () => state.draining })]);
});
afterAll(() => served.close());

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
