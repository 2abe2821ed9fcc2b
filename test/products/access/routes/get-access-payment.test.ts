import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccessApp, startAccessApp } from "../access-app.ts";

describe("GET /api/v1/access/payments/:id", () => {
  let app: AccessApp;

  beforeAll(async () => {
    app = await startAccessApp({ RATE_LIMITS: "on" });
  });
  afterAll(() => app?.close());

  it("is 404 for what names no payment, however often it is asked", async () => {
    for (let asked = 0; asked < 30; asked += 1) {
      const reply = await app.call("/api/v1/access/payments/apy_0");
      expect(reply.body).toMatchObject({ code: "payment_not_found" });
    }
  });
});
