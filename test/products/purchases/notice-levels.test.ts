import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDollars } from "../../../src/money/nanodollars.ts";
import { brokenRule, setNoticeLevels } from "../../../src/products/purchases/notice-levels.ts";
import { OfferTerms } from "../../../src/products/purchases/offers.ts";
import { findPurchase } from "../../../src/products/purchases/purchase-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { advance, charge, eventTypes, exhaust, type Sale, sell, wakes } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const set = (sale: Sale, low: string, critical: string) =>
  setNoticeLevels(app.context, {
    purchaseId: sale.purchaseId,
    levels: { low: parseDollars(low), critical: parseDollars(critical) },
  });

describe("a customer's notice levels", () => {
  it("are in force at once: a level at or above the balance is crossed, told once, and the other keeps its state", async () => {
    const sale = await sell(app, "5");
    expect((await set(sale, "6", "0.5")).crossed).toEqual(["low"]);
    expect((await advance(app, sale)).status).toBe("low");
    expect((await set(sale, "6", "0.5")).crossed).toEqual([]);
    await Promise.all([advance(app, sale), advance(app, sale)]);
    expect((await eventTypes(app, sale)).filter((type) => type === "purchase.balance_low")).toHaveLength(1);
  });

  it("end a warning when they are lowered below the balance, and the workflow is told to look", async () => {
    const sale = await sell(app, "5");
    await charge(app, sale, "4.2");
    expect((await advance(app, sale)).status).toBe("low");
    const before = await wakes(app, `purchase/${sale.purchaseId}`);
    await set(sale, "0.6", "0.5");
    expect(await wakes(app, `purchase/${sale.purchaseId}`)).toBeGreaterThan(before);
    expect((await advance(app, sale)).status).toBe("active");
    await charge(app, sale, "0.21");
    expect((await advance(app, sale)).status).toBe("low");
  });

  it("replayed at the same time by many are set once", async () => {
    const sale = await sell(app, "5");
    await Promise.all(Array.from({ length: 8 }, () => set(sale, "2", "1")));
    const types = await eventTypes(app, sale);
    expect(types.filter((type) => type === "purchase.notice_levels_set")).toHaveLength(1);
    expect((await findPurchase(app.database, sale.purchaseId))?.triggers).toEqual({
      low: parseDollars("2"),
      critical: parseDollars("1"),
      termination: parseDollars("0.05"),
    });
  });

  it("keep low above critical above termination: what breaks it is refused with the rule, and changes nothing", async () => {
    const sale = await sell(app, "5");
    for (const [low, critical, rule] of [
      ["1", "1", "low is above critical"],
      ["1", "2", "low is above critical"],
      ["1", "0.05", "critical is above termination, which is the vendor's to set"],
      ["1", "0", "critical is above termination, which is the vendor's to set"],
    ] as const) {
      await expect(set(sale, low, critical)).rejects.toMatchObject({
        code: "invalid_notice_levels",
        members: { rule },
      });
    }
    expect((await findPurchase(app.database, sale.purchaseId))?.triggers.low).toBe(parseDollars("1"));
    expect(await eventTypes(app, sale)).not.toContain("purchase.notice_levels_set");
  });

  it("leave critical to the vendor where the offer suspends at it", () => {
    const triggers = { low: parseDollars("1"), critical: parseDollars("0.5"), termination: parseDollars("0.05") };
    const terms = OfferTerms.parse({
      prices: [{ unit: "x", dollars: "1", label: "x" }],
      tokens: ["USDC"],
      minimum_deposit: "1",
      suggested_deposit: "1",
      maximum_deposit: "1",
      suspend_at: "critical",
    });
    expect(brokenRule({ triggers, terms }, { ...triggers, low: parseDollars("3") })).toBeNull();
    expect(brokenRule({ triggers, terms }, { ...triggers, critical: parseDollars("0.1") })).toContain("suspends");
  });

  it("are not for a purchase that ends, nor for one that does not exist", async () => {
    const sale = await sell(app, "5");
    await exhaust(app, sale, "4.96");
    await expect(set(sale, "2", "1")).rejects.toMatchObject({ code: "purchase_terminated" });
    await expect(set({ ...sale, purchaseId: "pur_none" }, "2", "1")).rejects.toMatchObject({
      code: "purchase_not_found",
    });
  });
});
