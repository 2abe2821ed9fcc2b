import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { type Sale, sell } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const cancel = (sale: Sale, json: unknown = { confirm: true }, key = sale.customerKey) =>
  app.call(`/purchase/${sale.purchaseId}/cancel`, { key, json });

describe("202", () => {
  it("cancels, answers the same again, and refuses usage from that moment on", async () => {
    const sale = await sell(app, "5");
    const usage = { usage_amount: "1", usage_unit: "GB_MONTH" };
    const meter = () => app.call(`/purchase/${sale.purchaseId}/meter-usage`, { key: sale.vendorKey, json: usage });
    expect((await meter()).status).toBe(200);
    const answers = [await cancel(sale), await cancel(sale)];
    for (const { status, body } of answers) {
      expect(status).toBe(202);
      expect(body).toEqual({
        purchase_id: sale.purchaseId,
        status: "terminating",
        reason: "customer_cancelled",
        balance: "4.96872",
      });
    }
    expect(await meter()).toMatchObject({ status: 410, body: { code: "purchase_terminated" } });
  });
});

describe("400 cancel_not_confirmed", () => {
  it("names what would be deleted, and deletes nothing", async () => {
    const sale = await sell(app, "5");
    for (const json of [{}, { confirm: false }]) {
      const { status, body } = await cancel(sale, json);
      expect([status, body.code]).toEqual([400, "cancel_not_confirmed"]);
      expect(body.detail).toContain("b-pur");
    }
    expect(await app.call(`/purchase/${sale.purchaseId}`, { key: sale.customerKey })).toMatchObject({
      body: { purchase: { status: "active", end_reason: null, access: "full" }, remainder: null },
    });
    expect(await cancel(sale, { confirm: "true" })).toMatchObject({ status: 400 });
  });
});

describe("404 purchase_not_found", () => {
  it("A09: for another's purchase", async () => {
    const [mine, other] = [await sell(app, "5"), await sell(app, "5")];
    expect(await cancel(other, { confirm: true }, mine.customerKey)).toMatchObject({ status: 404 });
  });
});

describe("401", () => {
  it("for the vendor's key: who meters does not cancel", async () => {
    const sale = await sell(app, "5");
    expect([401, 403]).toContain((await cancel(sale, { confirm: true }, sale.vendorKey)).status);
  });
});
