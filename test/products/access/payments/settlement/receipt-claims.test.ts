import { describe, expect, it } from "vitest";
import { receiptClaims } from "../../../../../src/products/access/payments/settlement/receipt-claims.ts";
import { SOLANA } from "../../../../integrations/x402/offers.ts";

const payment: Parameters<typeof receiptClaims>[1]["payment"] = Object({
  ...{ id: "apy_1", assetId: "ast_1", network: SOLANA.id, token: "USDC", payer: "buyer", payTo: "shop" },
  ...{ amountUnits: 100_000n, leftUnits: 50n },
});
const at = new Date(0);
const told = { payment, transaction: "5sig", sessionId: "acs_1", at };

describe("what a receipt claims", () => {
  it("is what moved, in the names clients know, and what it was for", () => {
    const needs = { x402Networks: [SOLANA], publicUrl: "https://shop.example" };
    expect(receiptClaims(needs, told)).toMatchObject({
      ...{ network: SOLANA.caip2, asset: SOLANA.tokens[0]?.address, amountUnits: 100_050n, transaction: "5sig" },
      ...{ resourceUrl: "https://shop.example/api/v1/access/ast_1", paymentId: "apy_1", sessionId: "acs_1" },
    });
  });

  it("can still be signed for a network that is offered no more", () => {
    const needs = { x402Networks: [], publicUrl: "https://shop.example" };
    expect(receiptClaims(needs, told)).toMatchObject({ network: SOLANA.id, asset: "USDC" });
  });
});
