import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { OFFER } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("200", () => {
  it.each([`/offer/${OFFER}`, `/v1/offer/${OFFER}`])(
    "shows at %s what is sold, at which prices, paid with what",
    async (path) => {
      const { status, body } = await app.call(path);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        id: OFFER,
        kind: "s3_bucket",
        metadata: { tokens: ["USDC"], minimum_deposit: "1", prices: expect.arrayContaining([expect.anything()]) },
      });
    },
  );
});

describe("404 offer_not_found", () => {
  it.each(["none", "AWS-S3-STORAGE", "%27%20OR%201%3D1%20--", "__proto__", "constructor"])("for %s", async (id) => {
    expect(await app.call(`/offer/${id}`)).toMatchObject({ status: 404, body: { code: "offer_not_found" } });
  });
});

describe("400 invalid_request", () => {
  it.each(["%00", "a%00b", "x".repeat(65)])("for %s", async (id) => {
    expect(await app.call(`/offer/${id}`)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });
});
