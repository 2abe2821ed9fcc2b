import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Route } from "../../../../src/platform/http/define-route.ts";
import { buildOpenApi } from "../../../../src/platform/http/openapi.ts";
import { getOpenApiRoute } from "../../../../src/platform/http/routes/get-openapi.ts";
import type { ServedRoutes } from "../served-routes.ts";
import { serveRoutes } from "../served-routes.ts";

let builds = 0;
const title = { title: "Test", version: "1.2.3", description: "A test." };
const routes: readonly Route[] = [
  getOpenApiRoute({
    document: () => {
      builds += 1;
      return buildOpenApi(routes, { title, verifiers: {} });
    },
  }),
];
let served: ServedRoutes;
beforeAll(async () => {
  served = await serveRoutes(routes);
});
afterAll(() => served.close());

describe("GET /openapi.json", () => {
  it("serves the document, built once, with itself in it", async () => {
    await served.call("/openapi.json");
    const reply = await served.call("/openapi.json");
    expect(reply.json).toMatchObject({ openapi: "3.1.1", info: { title: "Test" }, paths: { "/openapi.json": {} } });
    expect([builds, reply.headers.get("content-type")]).toEqual([1, "application/json; charset=utf-8"]);
  });
});
