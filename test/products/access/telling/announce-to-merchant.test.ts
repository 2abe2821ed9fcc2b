import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MerchantAnnouncement } from "../../../../src/products/access/telling/announce-to-merchant.ts";
import { announceToMerchant } from "../../../../src/products/access/telling/announce-to-merchant.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchant, wakeCount } from "./merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const tell = (news: MerchantAnnouncement) =>
  app.database.transaction((transaction) => announceToMerchant(transaction, news));
const eventsOf = (merchantId: string) => app.database("access_events").where("merchant_id", merchantId);
const listen = (merchantId: string, refused_at: Date | null = null) =>
  app.database("merchant_webhooks").insert({ merchant_id: merchantId, url_sealed: "x", host: "h", refused_at });

describe("announceToMerchant", () => {
  it("tells one thing once per merchant, however many say it at the same time, and wakes one delivery", async () => {
    const [merchantId, other] = [await addMerchant(app.database), await addMerchant(app.database)];
    await listen(merchantId);
    const news = { merchantId, type: "payment.settled", key: "settled:pay_1", data: { amount: "0.1" } } as const;
    const said = await Promise.all(Array.from({ length: 10 }, () => tell(news)));
    expect(said.filter(Boolean)).toHaveLength(1);
    const [event, ...rest] = await eventsOf(merchantId);
    expect(rest).toEqual([]);
    expect(event).toMatchObject({ type: "payment.settled", data: { amount: "0.1" }, delivered_at: null });
    expect(await wakeCount(app.database, `merchant-notice/${event?.id}`)).toBe(1);
    expect(await tell({ ...news, merchantId: other })).toMatch(/^evt_/);
  });

  it("wakes nobody for a merchant without a webhook, or whose webhook answered 410", async () => {
    const [silent, gone] = [await addMerchant(app.database), await addMerchant(app.database)];
    await listen(gone, new Date());
    for (const merchantId of [silent, gone]) {
      await tell({ merchantId, type: "session.expired", key: "expired:ses_1", data: {} });
      const [event] = await eventsOf(merchantId);
      expect(await wakeCount(app.database, `merchant-notice/${event?.id}`)).toBe(0);
    }
  });

  it("keeps an event's content as it is, and the event for 90 days", async () => {
    const merchantId = await addMerchant(app.database);
    await tell({ merchantId, type: "refund.due", key: "due:pay_1", data: { amount: "1" } });
    const events = () => app.database("access_events").where("merchant_id", merchantId);
    await expect(events().update({ data: "{}" })).rejects.toThrow("permission denied");
    await expect(events().delete()).rejects.toThrow("90 days");
    await app
      .owner("access_events")
      .where("merchant_id", merchantId)
      .update({ occurred_at: new Date(0) });
    expect(await events().delete()).toBe(1);
  });
});
