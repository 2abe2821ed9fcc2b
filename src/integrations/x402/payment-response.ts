import type { WireObject } from "./facilitator.ts";
import { encodeWireObject } from "./wire-object.ts";

/** What became of a payment. `transaction` and `payer` are null where there is none; `errorReason` is our code of the failure. */
export type PaymentOutcome = {
  readonly dialect: "v1" | "v2" | "pay2" | "balance";
  readonly success: boolean;
  readonly transaction: string | null;
  readonly caip2: string;
  readonly v1Name: string | null;
  readonly payer: string | null;
  readonly amountUnits: bigint;
  readonly errorReason: string | null;
  readonly errorMessage?: string;
  /** Our signed receipt, a compact JWS; null when nothing was bought. */
  readonly receipt: string | null;
};

/** The answer belongs to whoever paid: no cache may give it to another (it holds a session's token). */
const PRIVATE = { "cache-control": "private, no-store" };

/**
 * The headers of the answer to a payment, whether it succeeded or not: `PAYMENT-RESPONSE` in v2, `X-PAYMENT-RESPONSE` in v1. The
 * receipt is in `extensions` where the offer-receipt extension has it, so that its clients find it. PAY2 has no such header.
 */
export function paymentResponse(outcome: PaymentOutcome): Readonly<Record<string, string>> {
  if (outcome.dialect === "v2") return { ...PRIVATE, "PAYMENT-RESPONSE": encodeWireObject(settleResponse(outcome)) };
  if (outcome.dialect === "v1") return { ...PRIVATE, "X-PAYMENT-RESPONSE": encodeWireObject(settleResponse(outcome)) };
  return PRIVATE;
}

/** SettleResponse of the specification. `transaction` is empty, never missing, when there is none. */
function settleResponse(outcome: PaymentOutcome): WireObject {
  const isV1 = outcome.dialect === "v1";
  return {
    success: outcome.success,
    ...(outcome.errorReason === null ? {} : { errorReason: outcome.errorReason }),
    ...(outcome.errorMessage === undefined ? {} : { errorMessage: outcome.errorMessage }),
    ...(outcome.payer === null ? {} : { payer: outcome.payer }),
    transaction: outcome.transaction ?? "",
    network: isV1 ? (outcome.v1Name ?? outcome.caip2) : outcome.caip2,
    ...(isV1 ? {} : { amount: outcome.amountUnits.toString() }),
    ...(outcome.receipt === null ? {} : { extensions: receiptExtension(outcome.receipt) }),
  };
}

function receiptExtension(receipt: string): WireObject {
  return { "offer-receipt": { info: { receipt: { format: "jws", signature: receipt } } } };
}
