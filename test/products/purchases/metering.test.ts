import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidAmount, parseDollars } from "../../../src/money/nanodollars.ts";
import { UnitNotPriced, UsageTimeOutOfRange } from "../../../src/products/purchases/errors.ts";
import { meterUsage, priceUsage, scaledQuantity } from "../../../src/products/purchases/metering.ts";
import type { OfferTerms } from "../../../src/products/purchases/offers.ts";

const TERMS: OfferTerms = {
  prices: [{ unit: "GB", dollars: "0.000000003", label: "per GB" }],
  tokens: ["USDC"],
  minimum_deposit: "1",
  suggested_deposit: "5",
  maximum_deposit: "10",
};

describe("priceUsage", () => {
  it("multiplies exactly and rounds the rest up to the next nanodollar", () => {
    expect(priceUsage(TERMS, { quantity: "2", unit: "GB" })).toBe(6n);
    expect(priceUsage(TERMS, { quantity: "0.4", unit: "GB" })).toBe(2n);
  });

  it("L12: never charges less than the true price nor a whole nanodollar more", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 18n }), (billionths) => {
        const quantity = `${billionths / 10n ** 9n}.${(billionths % 10n ** 9n).toString().padStart(9, "0")}`;
        const charged = priceUsage(TERMS, { quantity, unit: "GB" }) * 10n ** 9n;
        expect(charged >= billionths * 3n && charged < billionths * 3n + 10n ** 9n).toBe(true);
      }),
    );
  });

  it("refuses a unit without a price, naming those it has", () => {
    expect(() => priceUsage(TERMS, { quantity: "1", unit: "hour" })).toThrow(UnitNotPriced);
  });

  it("refuses to charge nothing", () => {
    expect(() => priceUsage(TERMS, { quantity: "0", unit: "GB" })).toThrow(InvalidAmount);
  });
});

it.each(["-1", "1e9", "", "NaN", "0.0000000001", "1234567890123456", "٣", " 1"])(
  "L11: refuses the quantity %j",
  (text) => {
    expect(() => scaledQuantity(text)).toThrow(InvalidAmount);
  },
);

describe("meterUsage", () => {
  const report = {
    purchaseId: "pur_1",
    eventId: "e1",
    quantity: "1",
    unit: "GB",
    billedAmount: "0.5",
    occurredAt: null,
    description: null,
    metadata: null,
  };
  const needs = {
    clock: { now: () => Date.parse("2026-01-01T00:00:00Z") },
    ledger: { post: () => Promise.reject(new Error("must not be reached")) },
  };

  it.each(["2024-01-01T00:00:00Z", "2026-01-01T00:11:00Z"])("M02: refuses usage at %s", async (time) => {
    await expect(meterUsage(needs, TERMS, { ...report, occurredAt: new Date(time) })).rejects.toBeInstanceOf(
      UsageTimeOutOfRange,
    );
  });

  it("B21: refuses a negative or zero billed amount before anything is posted", async () => {
    await expect(meterUsage(needs, TERMS, { ...report, billedAmount: "-5" })).rejects.toBeInstanceOf(InvalidAmount);
    await expect(meterUsage(needs, TERMS, { ...report, billedAmount: "0" })).rejects.toBeInstanceOf(InvalidAmount);
  });

  it("charges the billed amount to the purchase's own account under the event's key", async () => {
    const posted = {
      entryId: "je_1",
      replayed: false,
      postedAt: new Date(0),
      balanceAfter: parseDollars("1"),
      thresholdsCrossed: [],
    };
    const drafts: unknown[] = [];
    const ledger = {
      post: (draft: { readonly postings: readonly { readonly account: string; readonly amount: bigint }[] }) => {
        drafts.push(draft.postings[0]?.account, draft.postings[0]?.amount);
        return Promise.resolve(posted);
      },
    };
    const { amount } = await meterUsage({ ...needs, ledger }, TERMS, report);
    expect(amount).toBe(parseDollars("0.5"));
    expect(drafts).toEqual(["purchase/pur_1", parseDollars("0.5")]);
  });
});
