import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchantWithKey } from "../telling/merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ NOTIFY_ALLOW_PRIVATE_HOSTS: "true" });
});
afterAll(() => app.close());

const WEBHOOK = "/api/v1/merchant/webhook";

describe("POST /api/v1/merchant/webhook/rotate-secret", () => {
  it("answers the same secret to a request repeated under its key, and another to a new one", async () => {
    const { merchantId, key } = await addMerchantWithKey(app.database);
    await app.call(WEBHOOK, { method: "PUT", key, json: { url: "http://127.0.0.1:9/" } });
    const rotate = (name: string) =>
      app.call(`${WEBHOOK}/rotate-secret`, { key, json: {}, headers: { "idempotency-key": name } });
    const [first, again, next] = [await rotate("one"), await rotate("one"), await rotate("two")];
    expect(again.body).toEqual(first.body);
    expect(next.body.data).not.toEqual(first.body.data);
    expect(first.body).toMatchObject({ data: { secret: expect.stringMatching(/^whsec_/) } });
    expect(await app.database("merchant_webhook_secrets").where("merchant_id", merchantId)).toHaveLength(2);
  });

  it("refuses an overlap that is none, and changes nothing", async () => {
    const { merchantId, key } = await addMerchantWithKey(app.database);
    await app.call(WEBHOOK, { method: "PUT", key, json: { url: "http://127.0.0.1:9/" } });
    for (const overlapSeconds of [-1, 1.5, 604_801, "60", null])
      expect((await app.call(`${WEBHOOK}/rotate-secret`, { key, json: { overlapSeconds } })).status).toBe(400);
    expect(await app.database("merchant_webhook_secrets").where("merchant_id", merchantId)).toHaveLength(1);
  });
});
