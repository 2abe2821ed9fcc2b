import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getReferenceRoute } from "../../../../src/platform/http/routes/get-reference.ts";
import type { ServedRoutes } from "../served-routes.ts";
import { serveRoutes } from "../served-routes.ts";

let served: ServedRoutes;
beforeAll(async () => {
  served = await serveRoutes([getReferenceRoute()]);
});
afterAll(() => served.close());

describe("GET /docs", () => {
  it("needs nothing from elsewhere, and its policy allows exactly its own script and style", async () => {
    const reply = await served.call("/docs");
    const policy = reply.headers.get("content-security-policy") ?? "";
    expect(policy).toMatch(/script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'/);
    expect(policy).not.toContain("unsafe");
    expect(reply.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\/|@import|\burl\(/);
    expect(reply.text).toContain("operationsOf");
  });
});
