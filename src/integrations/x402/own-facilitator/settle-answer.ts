import type { ReadCall } from "./payment-call.ts";
import type { SettlementOutcome } from "./settlement-store.ts";

/** What `/settle` answers, in the form and spelling of the version it was asked in. */
export type SettleAnswer = {
  readonly success: boolean;
  readonly errorReason?: string;
  readonly errorMessage?: string;
  /** Empty where nothing was sent. */
  readonly transaction: string;
  readonly network: string;
  readonly payer?: string;
};

/** An answer, and whether another call is settling this very payment, so that nothing is known yet. */
export type Settled = { readonly response: SettleAnswer; readonly inFlight: boolean };

/** Which call is answered, and of whom. */
export type Asked = ReadCall & { readonly version: 1 | 2 };

/** Nothing was sent by this call. */
export function refusal(
  asked: Asked,
  {
    reason,
    message,
    payer,
  }: { readonly reason: string; readonly message?: string | undefined; readonly payer: string },
): Settled {
  const errorMessage = message === undefined ? {} : { errorMessage: message };
  const response = {
    success: false,
    errorReason: reason,
    ...errorMessage,
    transaction: "",
    network: spelled(asked),
    payer,
  };
  return { response, inFlight: false };
}

/** The payment was settled, or is being settled, for other terms than these. */
export function otherTerms(asked: Asked, payer: string): Settled {
  const message = "this payment is known here with another receiver, asset or amount";
  return refusal(asked, { reason: "invalid_payment_requirements", message, payer });
}

/** Another call is at this payment now. */
export function duplicate(asked: Asked, payer: string): Settled {
  const message = "this payment is being settled: ask again with the same payload for what became of it";
  return { ...refusal(asked, { reason: "duplicate_settlement", message, payer }), inFlight: true };
}

/** It was sent and is not resolved yet: no verdict. */
export function pending(
  asked: Asked,
  { transaction, payer }: { readonly transaction: string; readonly payer: string },
): Settled {
  const message = "it was sent and is not confirmed yet: ask again with the same payload";
  const { response } = refusal(asked, { reason: "settlement_pending", message, payer });
  return { response: { ...response, transaction }, inFlight: false };
}

/** What became of it for good. `transaction` is its newest version, which is named where none is known to be mined. */
export function resolved(
  asked: Asked,
  {
    transaction,
    payer,
    outcome,
  }: { readonly transaction: string; readonly payer: string; readonly outcome: SettlementOutcome },
): Settled {
  const { success, reason, message } = outcome;
  const mined = outcome.transaction ?? transaction;
  const network = spelled(asked);
  if (success) return { response: { success, transaction: mined, network, payer }, inFlight: false };
  const { response } = refusal(asked, { reason: reason ?? "transaction_failed", message, payer });
  return { response: { ...response, transaction: mined }, inFlight: false };
}

function spelled({ network, version }: Asked): string {
  return version === 1 ? (network.v1Name ?? network.caip2) : network.caip2;
}
