import { describe, expect, it } from "vitest";
import { nanodollars } from "../../../../../src/money/nanodollars.ts";
import { logOf, toldOf } from "../../../../../src/products/access/payments/settlement/told-payment.ts";

const payment: Parameters<typeof logOf>[0] = Object({
  ...{ id: "apy_1", quoteId: "qte_1", merchantId: "mer_1", assetId: "ast_1", sessionId: "acs_1", isExtension: false },
  ...{ network: "eip155:1", token: "USDC", transaction: "0x1", payer: "0x2", facilitator: "own", failureCode: null },
  ...{
    amountUnits: 100_000n,
    leftUnits: 7n,
    gross: nanodollars(100_000_000n),
    payloadSealed: "sealed",
    receipt: "jws",
  },
});
const quote: Parameters<typeof toldOf>[1] = Object({ units: 1, unit: "minute" });

describe("what others are told of a payment", () => {
  it("is in the log all that moved, in base units", () => {
    expect(logOf(payment)).toMatchObject({ paymentId: "apy_1", amountUnits: 100_007n, facilitator: "own" });
  });

  it("is for a merchant an amount in dollars, and no payload, token or receipt", () => {
    const told = toldOf(payment, quote);
    expect(told).toMatchObject({ paymentId: "apy_1", amount: "0.1", units: 1 });
    expect(JSON.stringify(told)).not.toMatch(/sealed|jws|sess_/);
  });
});
