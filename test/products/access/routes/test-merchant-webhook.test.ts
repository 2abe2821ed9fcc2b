import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchantWithKey, wakeCount } from "../telling/merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ NOTIFY_ALLOW_PRIVATE_HOSTS: "true" });
});
afterAll(() => app.close());

const WEBHOOK = "/api/v1/merchant/webhook";

describe("POST /api/v1/merchant/webhook/test", () => {
  it("has one test event delivered per request, and one for a request repeated under its key", async () => {
    const { merchantId, key } = await addMerchantWithKey(app.database);
    await app.call(WEBHOOK, { method: "PUT", key, json: { url: "http://127.0.0.1:9/" } });
    const test = (name: string) =>
      app.call(`${WEBHOOK}/test`, { method: "POST", key, headers: { "idempotency-key": name } });
    const [first, again] = [await test("one"), await test("one")];
    expect([first.status, again.body]).toEqual([202, first.body]);
    await test("two");
    const events: { id: string; type: string }[] = await app
      .database("access_events")
      .where({ merchant_id: merchantId });
    expect(events.map(({ type }) => type)).toEqual(["webhook.test", "webhook.test"]);
    for (const { id } of events) expect(await wakeCount(app.database, `merchant-notice/${id}`)).toBe(1);
  });
});
