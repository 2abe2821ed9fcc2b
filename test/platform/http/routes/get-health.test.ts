import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getHealthRoute, getLivenessRoute } from "../../../../src/platform/http/routes/get-health.ts";
import type { ServedRoutes } from "../served-routes.ts";
import { serveRoutes } from "../served-routes.ts";

let served: ServedRoutes;
beforeAll(async () => {
  served = await serveRoutes([
    getHealthRoute({ clock: { now: () => 0 }, name: { service: "test", version: "1.2.3" } }),
    getLivenessRoute(),
  ]);
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
