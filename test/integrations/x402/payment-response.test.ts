import { decodePaymentResponseHeader } from "@x402/core/http";
import { extractReceiptFromResponse } from "@x402/extensions/offer-receipt";
import { describe, expect, it } from "vitest";
import { type PaymentOutcome, paymentResponse } from "../../../src/integrations/x402/payment-response.ts";

const PAID: PaymentOutcome = {
  dialect: "v2",
  success: true,
  transaction: "0xabc",
  caip2: "eip155:84532",
  v1Name: "base-sepolia",
  payer: "0xpayer",
  amountUnits: 100_000n,
  errorReason: null,
  receipt: "a.b.c",
};

describe("paymentResponse", () => {
  it("tells v2 clients in PAYMENT-RESPONSE, with the receipt where they look for it", () => {
    const headers = paymentResponse(PAID);
    expect(decodePaymentResponseHeader(headers["PAYMENT-RESPONSE"] ?? "")).toEqual({
      success: true,
      payer: "0xpayer",
      transaction: "0xabc",
      network: "eip155:84532",
      amount: "100000",
      extensions: { "offer-receipt": { info: { receipt: { format: "jws", signature: "a.b.c" } } } },
    });
    const answer = new Response(null, { headers: { ...headers } });
    expect(extractReceiptFromResponse(answer)).toEqual({ format: "jws", signature: "a.b.c" });
  });

  it("tells v1 clients in X-PAYMENT-RESPONSE, by the network's old name", () => {
    const headers = paymentResponse({ ...PAID, dialect: "v1", receipt: null });
    expect(Object.keys(headers)).toEqual(["cache-control", "X-PAYMENT-RESPONSE"]);
    expect(decodePaymentResponseHeader(headers["X-PAYMENT-RESPONSE"] ?? "")).toEqual({
      success: true,
      payer: "0xpayer",
      transaction: "0xabc",
      network: "base-sepolia",
    });
  });

  it("tells of a failure as well, with an empty transaction rather than none", () => {
    const failed = { ...PAID, success: false, transaction: null, payer: null, receipt: null };
    const headers = paymentResponse({ ...failed, errorReason: "insufficient_funds", errorMessage: "Too little." });
    expect(decodePaymentResponseHeader(headers["PAYMENT-RESPONSE"] ?? "")).toEqual({
      success: false,
      errorReason: "insufficient_funds",
      errorMessage: "Too little.",
      transaction: "",
      network: "eip155:84532",
      amount: "100000",
    });
  });

  it.each(["v1", "v2", "pay2", "balance"] as const)("X17: lets no shared cache keep the answer to %s", (dialect) => {
    expect(paymentResponse({ ...PAID, dialect })["cache-control"]).toBe("private, no-store");
  });

  it("has no header of the protocol where none was spoken", () => {
    for (const dialect of ["pay2", "balance"] as const) {
      expect(Object.keys(paymentResponse({ ...PAID, dialect }))).toEqual(["cache-control"]);
    }
  });
});
