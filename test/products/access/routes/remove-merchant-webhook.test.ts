import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchantWithKey, tell, wakeCount } from "../telling/merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ NOTIFY_ALLOW_PRIVATE_HOSTS: "true" });
});
afterAll(() => app.close());

const WEBHOOK = "/api/v1/merchant/webhook";

describe("DELETE /api/v1/merchant/webhook", () => {
  it("stops one merchant's webhooks, keeps its events, and leaves others' alone", async () => {
    const [ours, theirs] = [await addMerchantWithKey(app.database), await addMerchantWithKey(app.database)];
    for (const { key } of [ours, theirs])
      await app.call(WEBHOOK, { method: "PUT", key, json: { url: "http://127.0.0.1:9/" } });
    expect((await app.call(WEBHOOK, { method: "DELETE", key: ours.key })).body).toMatchObject({ status: "success" });
    const told = await Promise.all([ours, theirs].map(({ merchantId }) => tell(app.database, { merchantId })));
    const wakes = await Promise.all(told.map((id) => wakeCount(app.database, `merchant-notice/${id}`)));
    expect(wakes).toEqual([0, 1]);
    expect((await app.call("/api/v1/merchant/events", { key: ours.key })).body.data).toMatchObject([{ id: told[0] }]);
    expect((await app.call(WEBHOOK, { method: "DELETE", key: ours.key })).body).toMatchObject({
      code: "webhook_not_set",
    });
  });
});
