import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { type Sale, sell } from "../sales.ts";

let app: TestApp;
let sale: Sale;
beforeAll(async () => {
  app = await startTestApp();
  sale = await sell(app, "5");
});
afterAll(() => app.close());

const read = (eventId: string, key = sale.vendorKey) =>
  app.call(`/purchase/${sale.purchaseId}/usage-events/${encodeURIComponent(eventId)}`, { key });

describe("200", () => {
  it("shows the charge of an event, whatever its id is made of", async () => {
    const eventId = "2026-01-31T13:00Z/eu 1?ü";
    const json = { event_id: eventId, usage_amount: "10", usage_unit: "GB_MONTH" };
    await app.call(`/purchase/${sale.purchaseId}/meter-usage`, { key: sale.vendorKey, json });
    expect(await read(eventId)).toMatchObject({
      status: 200,
      body: { event_id: eventId, outcome: "charged", billed_amount: "0.3128", code: null },
    });
  });
});

describe("404", () => {
  it("usage_event_not_found for an event nobody reported", async () => {
    expect(await read("no-such")).toMatchObject({ status: 404, body: { code: "usage_event_not_found" } });
  });

  it("purchase_not_found with another's key", async () => {
    const other = await sell(app, "5");
    expect(await read("no-such", other.vendorKey)).toMatchObject({ status: 404, body: { code: "purchase_not_found" } });
  });
});
