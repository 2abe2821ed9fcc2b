import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Route } from "../../../../src/platform/http/define-route.ts";
import { getErrorRoute } from "../../../../src/platform/http/routes/get-error.ts";
import type { ServedRoutes } from "../served-routes.ts";
import { problemIn, serveRoutes } from "../served-routes.ts";

const routes: readonly Route[] = [getErrorRoute({ routes: () => routes })];
let served: ServedRoutes;
beforeAll(async () => {
  served = await serveRoutes(routes);
});
afterAll(() => served.close());

describe("GET /errors/:code", () => {
  it("explains the platform's codes, lists who declares a room's, and is 404 for others", async () => {
    expect((await served.call("/errors/rate_limited")).json).toMatchObject({ code: "rate_limited", status: 429 });
    expect((await served.call("/errors/not_found")).json).toMatchObject({ operations: ["getError"] });
    expect(problemIn(await served.call("/errors/nonsense")).code).toBe("not_found");
    expect((await served.call("/errors/__proto__")).status).toBe(404);
  });
});
