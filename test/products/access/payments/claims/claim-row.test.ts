import { describe, expect, it } from "vitest";
import { claimRow } from "../../../../../src/products/access/payments/claims/claim-row.ts";

const receiver = { network: "eip155:1", token: "USDC", decimals: 6, payTo: "0x3", priceUnits: 100n };
const quote: Parameters<typeof claimRow>[0]["quote"] = Object({ id: "qte_1" });
const row = (paidUnits: bigint, authorization: string | null = null) =>
  claimRow({
    found: { kind: "paid", receiver, payer: "0x2", paidUnits, at: new Date(0), memos: [], authorization },
    ...{ quote, transaction: "0x1", target: { assetId: "ast_1", session: null } },
    proof: { quoteId: null, key: null, wallet: null },
  });

describe("the row of a transfer that is claimed", () => {
  it("sells for the price and leaves the rest, or sells nothing and keeps all of it together", () => {
    expect(row(100n)).toMatchObject({ amountUnits: 100n, leftUnits: 0n });
    expect(row(130n)).toMatchObject({ amountUnits: 100n, leftUnits: 30n });
    expect(row(99n)).toMatchObject({ amountUnits: 99n, leftUnits: 0n });
  });

  it("is unique by its transaction, and nobody's key", () => {
    expect(row(1n)).toMatchObject({ payloadKey: "pay2:0x1", keyHash: null, dialect: "pay2" });
  });

  it("has the key of the authorization that moved it, as the same payment would have that is shown signed", () => {
    expect(row(1n, "0x2:0x7")).toMatchObject({ payloadKey: "0x2:0x7", transaction: "0x1", dialect: "pay2" });
  });
});
