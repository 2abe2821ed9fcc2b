import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchantWithKey, wakeCount } from "../telling/merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ NOTIFY_ALLOW_PRIVATE_HOSTS: "true" });
});
afterAll(() => app.close());

const WEBHOOK = "/api/v1/merchant/webhook";
const put = (key: string, url: unknown) => app.call(WEBHOOK, { method: "PUT", key, json: { url } });

describe("a merchant's webhook over HTTP", () => {
  it("is set, shown by its host alone, tested, rotated and removed", async () => {
    const { merchantId, key } = await addMerchantWithKey(app.database);
    expect((await app.call(WEBHOOK, { key })).body).toMatchObject({ data: { webhook: null, deliveries: [] } });
    const set = await put(key, "http://127.0.0.1:9/hush");
    expect(set).toMatchObject({ status: 200, body: { status: "success", data: { host: "127.0.0.1:9" } } });
    expect(set.headers.get("cache-control")).toBe("no-store");
    expect(JSON.stringify(set.body)).toContain("whsec_");
    const shown = await app.call(WEBHOOK, { key });
    expect(shown.body).toMatchObject({ data: { webhook: { host: "127.0.0.1:9", refusedAt: null } } });
    expect(JSON.stringify(shown.body)).not.toMatch(/hush|whsec/);
    const test = await app.call(`${WEBHOOK}/test`, { method: "POST", key });
    expect(test.status).toBe(202);
    const [event] = await app.database("access_events").where("merchant_id", merchantId);
    expect(test.body).toMatchObject({ data: { eventId: event?.id } });
    expect(await wakeCount(app.database, `merchant-notice/${event?.id}`)).toBe(1);
    const rotated = await app.call(`${WEBHOOK}/rotate-secret`, { key, json: { overlapSeconds: 60 } });
    expect(JSON.stringify(rotated.body)).toContain("whsec_");
    expect((await app.call(WEBHOOK, { method: "DELETE", key })).status).toBe(200);
    expect((await app.call(WEBHOOK, { method: "DELETE", key })).body).toMatchObject({ code: "webhook_not_set" });
  });

  it("answers what is wrong, and changes nothing", async () => {
    const { merchantId, key } = await addMerchantWithKey(app.database);
    for (const [url, status] of [
      ["ftp://shop.example", 422],
      ["https://a:b@shop.example", 422],
      ["", 400],
      [7, 400],
    ])
      expect((await put(key, url)).status).toBe(status);
    expect((await app.call(`${WEBHOOK}/rotate-secret`, { key, json: { overlapSeconds: -1 } })).status).toBe(400);
    expect((await app.call(`${WEBHOOK}/test`, { method: "POST", key })).status).toBe(404);
    expect((await app.call(WEBHOOK, { method: "PUT", json: { url: "https://shop.example" } })).status).toBe(401);
    expect(await app.database("merchant_webhooks").where("merchant_id", merchantId)).toEqual([]);
  });
});
