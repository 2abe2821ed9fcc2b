import { describe, expect, it } from "vitest";
import { keyHashOf, provesPayment } from "../../../../../src/products/access/payments/taking/presented-proof.ts";

const EVM = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const KEY = "a-key-nobody-guesses";
const keyHash = keyHashOf({ key: KEY, assetId: "ast_1", payer: EVM });
const payment: Parameters<typeof provesPayment>[1] = Object({
  quoteId: "qte_1",
  payer: EVM,
  assetId: "ast_1",
  keyHash,
});
const nothing = { quoteId: null, key: null, wallet: null };

describe("what shows that a payment is the caller's", () => {
  it("is its quote's secret, its wallet in any spelling, or its key", () => {
    expect(provesPayment({ ...nothing, quoteId: "qte_1" }, payment)).toBe(true);
    expect(provesPayment({ ...nothing, wallet: { kind: "evm", address: EVM.toLowerCase() } }, payment)).toBe(true);
    expect(provesPayment({ ...nothing, key: KEY }, payment)).toBe(true);
  });

  it("is nothing else: no other quote, wallet or key, and no key that was never given", () => {
    expect(provesPayment(nothing, payment)).toBe(false);
    expect(provesPayment({ ...nothing, quoteId: "qte_2" }, payment)).toBe(false);
    expect(provesPayment({ ...nothing, wallet: { kind: "evm", address: `0x${"1".repeat(40)}` } }, payment)).toBe(false);
    expect(provesPayment({ ...nothing, key: `${KEY}!` }, payment)).toBe(false);
    expect(provesPayment({ ...nothing, key: KEY }, { ...payment, keyHash: null })).toBe(false);
  });

  it("keeps keys of different payers and assets apart", () => {
    const hashes = [
      keyHashOf({ key: KEY, assetId: "ast_1", payer: "0x2" }),
      keyHashOf({ key: KEY, assetId: "ast_2", payer: EVM }),
    ];
    expect(hashes.some((hash) => hash.equals(keyHash))).toBe(false);
  });
});
