import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  findMerchantEvent,
  listMerchantEvents,
  markMerchantEventDelivered,
} from "../../../../src/products/access/telling/merchant-event-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchant, tell } from "./merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("merchants' events", () => {
  it("come back as they were told", async () => {
    const merchantId = await addMerchant(app.database);
    const data = { amount: "0.10", units: 3, isExtension: false, transaction: null };
    const id = await tell(app.database, { merchantId, type: "payment.failed", key: "failed:apy_1", data });
    const event = await findMerchantEvent(app.database, id);
    expect(event).toMatchObject({ id, merchantId, type: "payment.failed", key: "failed:apy_1", data });
    expect(await findMerchantEvent(app.database, "evt_none")).toBeNull();
    expect(await listMerchantEvents(app.database, { merchantId, before: event?.number, limit: 5 })).toEqual([]);
  });

  it("keep the first time they were taken", async () => {
    const merchantId = await addMerchant(app.database);
    const id = await tell(app.database, { merchantId });
    await markMerchantEventDelivered(app.database, id);
    const first = (await findMerchantEvent(app.database, id))?.deliveredAt;
    await markMerchantEventDelivered(app.database, id);
    expect((await findMerchantEvent(app.database, id))?.deliveredAt).toEqual(first);
    expect(first).toBeInstanceOf(Date);
  });
});
