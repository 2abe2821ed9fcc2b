import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("tells somebody who only has the host where everything is, and every link works", async () => {
  const { status, body } = await app.call("/");
  expect([status, body.name]).toEqual([200, "tollkeeper"]);
  for (const link of [body.docs, body.openapi, body.health]) expect((await app.call(String(link))).status).toBe(200);
});
