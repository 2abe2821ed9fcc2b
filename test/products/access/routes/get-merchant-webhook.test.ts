import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertAttempt } from "../../../../src/integrations/notifications/delivery-log-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchantWithKey, tell } from "../telling/merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const WEBHOOK = "/api/v1/merchant/webhook";

async function tried(merchantId: string, outcome: string) {
  const eventId = await tell(app.database, { merchantId });
  await insertAttempt(app.database, {
    ...{ eventId, channel: "merchant_webhook", attempt: 1, destination: "shop.example", outcome, status: 200 },
    ...{ detail: null, durationMilliseconds: 3, nextTryAt: null },
  });
  return eventId;
}

describe("GET /api/v1/merchant/webhook", () => {
  it("shows the last deliveries, newest first, and nobody else's", async () => {
    const [ours, theirs] = [await addMerchantWithKey(app.database), await addMerchantWithKey(app.database)];
    const first = await tried(ours.merchantId, "delivered");
    const second = await tried(ours.merchantId, "not_taken");
    await tried(theirs.merchantId, "delivered");
    const { body } = await app.call(WEBHOOK, { key: ours.key });
    expect(body.data).toMatchObject({
      webhook: null,
      deliveries: [
        { eventId: second, outcome: "not_taken", destination: "shop.example", nextTryAt: null },
        { eventId: first, outcome: "delivered", status: 200 },
      ],
    });
    expect(body).toMatchObject({ data: { deliveries: { length: 2 } } });
  });

  it("is for merchants alone", async () => {
    expect((await app.call(WEBHOOK)).status).toBe(401);
  });
});
