import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchantWithKey, tell, wakeCount } from "../telling/merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ NOTIFY_ALLOW_PRIVATE_HOSTS: "true" });
});
afterAll(() => app.close());

const redeliver = (key: string, id: string) =>
  app.call(`/api/v1/merchant/events/${encodeURIComponent(id)}/redeliver`, { method: "POST", key });

describe("POST /api/v1/merchant/events/:id/redeliver", () => {
  it("sends an event again that was taken already, under its own id", async () => {
    const { merchantId, key } = await addMerchantWithKey(app.database);
    const id = await tell(app.database, { merchantId });
    await app.call("/api/v1/merchant/webhook", { method: "PUT", key, json: { url: "http://127.0.0.1:9/" } });
    await app.owner("access_events").where({ id }).update({ delivered_at: app.owner.fn.now() });
    expect(await wakeCount(app.database, `merchant-notice/${id}`)).toBe(0);
    expect(await redeliver(key, id)).toMatchObject({ status: 202, body: { data: { eventId: id } } });
    expect(await wakeCount(app.database, `merchant-notice/${id}`)).toBe(1);
    expect(await app.owner("access_events").where({ id }).first("delivered_at")).toEqual({ delivered_at: null });
  });

  it("404: of another merchant's events none, of no id any, and nothing without a webhook", async () => {
    const mine = await addMerchantWithKey(app.database);
    const other = await addMerchantWithKey(app.database);
    const id = await tell(app.database, { merchantId: other.merchantId });
    for (const named of [id, "evt_unknown", "'"])
      expect(await redeliver(mine.key, named)).toMatchObject({
        status: 404,
        body: { code: "merchant_event_not_found" },
      });
    await app.owner("access_events").where({ id }).update({ delivered_at: app.owner.fn.now() });
    expect(await redeliver(other.key, id)).toMatchObject({ status: 404, body: { code: "webhook_not_set" } });
    expect((await app.owner("access_events").where({ id }).first("delivered_at")).delivered_at).not.toBeNull();
  });
});
