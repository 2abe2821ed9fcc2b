import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDollars } from "../../../src/money/nanodollars.ts";
import { findPurchase } from "../../../src/products/purchases/purchase-store.ts";
import { settleRemainder, smallestRefund } from "../../../src/products/purchases/remainder.ts";
import { insertRemainder } from "../../../src/products/purchases/remainder-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { sell } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("sends nothing back below ten cents, or below what the offer says", () => {
  expect(smallestRefund({})).toBe(parseDollars("0.1"));
  expect(smallestRefund({ smallest_refund: "2.5" })).toBe(parseDollars("2.5"));
});

describe("what is left", () => {
  const settle = async (status: "active" | "refunding" | "terminated", dollars: string, kept?: string) => {
    const sale = await sell(app, "5");
    const purchase = await findPurchase(app.database, sale.purchaseId);
    if (purchase === null) throw new Error("the purchase is gone");
    const amount = parseDollars(kept ?? "1");
    if (kept !== undefined) {
      const round = { round: 1, depositAddressId: "dep", amount, refunded: parseDollars("0"), kept: amount };
      await insertRemainder(app.database, { purchaseId: purchase.id, ...round, status: "done" });
    }
    return app.database.transaction((transaction) =>
      settleRemainder({ refundRemainder: async () => [] }, transaction, {
        purchase: { ...purchase, status },
        available: parseDollars(dollars),
      }),
    );
  };

  it("is looked at only when the purchase is over", async () => {
    expect(await settle("active", "5")).toBe("none");
    expect(await settle("refunding", "5")).toBe("refundable");
    expect(await settle("terminated", "0.1")).toBe("refundable");
    expect(await settle("terminated", "0.099999999")).toBe("none");
  });

  it("is not tried again where it was kept before, only what came since", async () => {
    expect(await settle("terminated", "3", "3")).toBe("none");
    expect(await settle("terminated", "3.05", "3")).toBe("none");
    expect(await settle("terminated", "3.1", "3")).toBe("refundable");
  });
});
