import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccessApp, addAsset, register, startAccessApp } from "../access-app.ts";

describe("the endpoints that are paid", () => {
  let app: AccessApp;
  let assetId: string;

  beforeAll(async () => {
    app = await startAccessApp();
    assetId = (await addAsset(app, await register(app))).id;
  });
  afterAll(() => app?.close());

  const ask = (headers: Record<string, string>, json: object = {}) =>
    app.call(`/api/v1/access/${assetId}`, { json, headers });

  it("refuse a malformed payment before anything is quoted", async () => {
    expect((await ask({ "PAYMENT-SIGNATURE": "%%%" })).body).toMatchObject({ code: "payment_header_malformed" });
    expect((await ask({ "x-payment-authorization": "PAY2" })).body).toMatchObject({ code: "payment_header_malformed" });
    expect(await app.owner("access_quotes")).toHaveLength(0);
  });

  it("say 503 with a time while no facilitator is configured, and take no units that are none", async () => {
    const reply = await ask({});
    expect(reply.status).toBe(503);
    expect(reply.headers.get("retry-after")).toBe("10");
    for (const units of [0, -1, 1.5, "1", 100_001]) {
      expect((await ask({}, { units })).body).toMatchObject({ code: "invalid_request" });
    }
  });
});
