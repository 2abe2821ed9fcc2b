import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { exhaust, type Sale, sell } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const put = (sale: Sale, json: unknown, key = sale.customerKey) =>
  app.call(`/purchase/${sale.purchaseId}/notice-levels`, { method: "PUT", key, json });

describe("200", () => {
  it("sets the levels, says which were crossed at once, and get-purchase shows them", async () => {
    const sale = await sell(app, "5");
    expect(await put(sale, { low: "5", critical: 2.5 })).toMatchObject({
      status: 200,
      body: { low: "5", critical: "2.5", termination: "0.05", thresholds_crossed: ["low"] },
    });
    expect(await app.call(`/purchase/${sale.purchaseId}`, { key: sale.customerKey })).toMatchObject({
      body: { purchase: { balance_low_trigger: "5", balance_critical_trigger: "2.5" } },
    });
  });
});

describe("400", () => {
  it("invalid_notice_levels: names the rule", async () => {
    const sale = await sell(app, "5");
    expect(await put(sale, { low: "1", critical: "2" })).toMatchObject({
      status: 400,
      body: { code: "invalid_notice_levels", rule: "low is above critical" },
    });
    expect(await put(sale, { low: "1000000001", critical: "2" })).toMatchObject({ status: 400 });
  });

  it("invalid_amount and malformed bodies", async () => {
    const sale = await sell(app, "5");
    for (const json of [
      { low: "-1", critical: "-2" },
      { low: "1e3", critical: "1" },
      { low: "NaN", critical: "1" },
      { low: "2" },
      { low: null, critical: "1" },
      { low: "2.0000000001", critical: "1" },
    ])
      expect((await put(sale, json)).status).toBe(400);
  });
});

describe("404 and 410", () => {
  it("purchase_not_found for another's, purchase_terminated once it ends", async () => {
    const [mine, other] = [await sell(app, "5"), await sell(app, "5")];
    expect((await put(other, { low: "2", critical: "1" }, mine.customerKey)).status).toBe(404);
    await exhaust(app, mine, "4.96");
    expect(await put(mine, { low: "2", critical: "1" })).toMatchObject({
      status: 410,
      body: { code: "purchase_terminated" },
    });
  });
});
