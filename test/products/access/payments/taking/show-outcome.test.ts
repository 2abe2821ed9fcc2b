import { decodePaymentResponseHeader } from "@x402/core/http";
import { describe, expect, it } from "vitest";
import { nanodollars } from "../../../../../src/money/nanodollars.ts";
import type { StoredPayment } from "../../../../../src/products/access/payments/payment-store.ts";
import { readStatusHandle } from "../../../../../src/products/access/payments/status-handle.ts";
import {
  showPending,
  takenHeaders,
  unservedError,
  websocketUrl,
} from "../../../../../src/products/access/payments/taking/show-outcome.ts";
import { LOCAL } from "../../access-rows.ts";

const needs = {
  ...{ masterKey: Buffer.alloc(32, 7), publicUrl: "https://shop.example", x402Networks: [LOCAL] },
  signIn: { challenge: () => ({}), verify: async () => Promise.reject(new Error("nobody signs in here")) },
};
const payment = (changes: Partial<StoredPayment> = {}): StoredPayment => ({
  ...{ id: "apy_1", quoteId: "qte_1", merchantId: "mer_1", assetId: "ast_1", isExtension: false, sessionId: null },
  ...{ dialect: "v2", status: "settled", settlementMode: "direct", network: LOCAL.id, token: "USDC", payTo: "0xTo" },
  ...{ payer: "0xFrom", amountUnits: 500_000n, leftUnits: 0n, gross: nanodollars(500_000_000n), feeBasisPoints: 200 },
  ...{ feeUnits: 10_000n, payloadKey: "k", payloadSealed: null, validUntil: null, facilitator: null, keyHash: null },
  ...{ transaction: "0xab", failureCode: null, failureDetail: null, receipt: "a.b.c", createdAt: new Date() },
  ...{ resolvedAt: new Date(), ...changes },
});
const sent = (changes: Partial<StoredPayment>) =>
  decodePaymentResponseHeader(takenHeaders(needs, payment(changes))["PAYMENT-RESPONSE"] ?? "");

describe("what a payer is told", () => {
  it("is a success wherever its tokens moved, with the receipt, and no success while nobody knows", () => {
    expect(sent({})).toMatchObject({ success: true, transaction: "0xab", network: LOCAL.caip2, payer: "0xFrom" });
    expect(sent({ status: "unserved" })).toMatchObject({ success: true, transaction: "0xab" });
    expect(sent({ status: "unknown", receipt: null })).toMatchObject({
      ...{ success: false, errorReason: "settlement_pending" },
    });
  });

  it("is never for a cache, as an answer may hold the session's token", () => {
    for (const dialect of ["v1", "v2", "pay2", "balance"] as const) {
      expect(takenHeaders(needs, payment({ dialect }))["cache-control"]).toBe("private, no-store");
    }
  });

  it("names a place to look that is the payer's own", () => {
    const { statusUrl, retryAfterSeconds } = showPending(needs, payment({ status: "unknown" }));
    expect(statusUrl).toMatch(/^https:\/\/shop\.example\/api\/v1\/access\/payments\/apy_1\./);
    expect(readStatusHandle(needs, statusUrl.split("/").at(-1) ?? "")).toEqual({ paymentId: "apy_1", isPayer: true });
    expect(retryAfterSeconds).toBeGreaterThan(0);
  });

  it("is all of its money where it bought nothing", () => {
    expect(unservedError(needs, payment({ status: "unserved" }))).toMatchObject({
      ...{ code: "paid_but_unserved", status: 409 },
      members: { paymentId: "apy_1", balance: "0.5", merchantId: "mer_1", payer: "0xFrom", transaction: "0xab" },
    });
  });

  it("follows a session by the scheme of the server", () => {
    expect(websocketUrl(needs, "sess_1")).toBe("wss://shop.example/?token=sess_1");
    expect(websocketUrl({ publicUrl: "http://127.0.0.1:3001" }, "t")).toBe("ws://127.0.0.1:3001/?token=t");
  });
});
