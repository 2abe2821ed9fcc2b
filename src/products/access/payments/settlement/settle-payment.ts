import type { Facilitator, FacilitatorCall, SettleOutcome } from "../../../../integrations/x402/facilitator.ts";
import { FacilitatorUnavailable } from "../../payment-errors.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import type { StoredPayment } from "../payment-store.ts";
import type { StoredQuote } from "../quotes/quote-store.ts";
import { readVerdict } from "./chain-verdict.ts";
import { proveSettlement } from "./prove-settlement.ts";
import { recordFailed, recordSettled, recordUnknown } from "./resolve-payment.ts";

type SettleNeeds = Pick<PaymentNeeds, "accessChains" | "logger"> & Parameters<typeof recordSettled>[0];

/** A payment that was written down, and what is asked of whom to put it on the chain. */
export type Settling = {
  readonly payment: StoredPayment;
  readonly quote: StoredQuote;
  readonly facilitator: Facilitator;
  readonly call: FacilitatorCall;
};

/**
 * Has a payment put on the chain and writes down what came of it. A facilitator's success counts once the chain says so too; its doubt,
 * and ours, makes the payment `unknown`, which the workflow resolves. Throws 503 `facilitator_unavailable` where it certainly was not
 * asked: nothing was moved, and the same payment may be sent again.
 */
export async function settlePayment(needs: SettleNeeds, settling: Settling): Promise<StoredPayment> {
  const { payment } = settling;
  const outcome = await ask(needs, settling);
  if (outcome.kind === "settled") return confirmSettled(needs, { ...settling, outcome });
  const { detail, raw } = outcome;
  const paymentId = payment.id;
  if (outcome.kind === "failed") return confirmFailed(needs, { ...settling, outcome });
  if (outcome.kind === "unknown")
    return recordUnknown(needs, { paymentId, transaction: outcome.transaction, detail, raw });
  await recordFailed(needs, { paymentId, code: "facilitator_unavailable", detail, raw });
  throw new FacilitatorUnavailable(outcome);
}

/** A call that ended in an exception may have been carried out all the same. */
async function ask(needs: SettleNeeds, { facilitator, call, payment }: Settling): Promise<SettleOutcome> {
  try {
    return await facilitator.settle(call);
  } catch (error) {
    needs.logger.error({ err: error, paymentId: payment.id }, "the facilitator's answer was lost");
    return { kind: "unknown", transaction: null, detail: "The facilitator's answer was lost.", raw: null };
  }
}

async function confirmSettled(
  needs: SettleNeeds,
  input: Settling & { readonly outcome: SettleOutcome & { readonly kind: "settled" } },
): Promise<StoredPayment> {
  const { payment, quote, outcome } = input;
  const { transaction, raw } = outcome;
  const proof = await proveSettlement(needs, { payment, transaction, quotedAt: quote.createdAt });
  const paymentId = payment.id;
  if (proof.kind === "proven") return recordSettled(needs, { paymentId, transaction, raw });
  const { detail } = proof;
  if (proof.kind === "not_seen") return recordUnknown(needs, { paymentId, transaction, detail, raw });
  // What it named is not this payment, but this payment may have been made by another transaction, or may still be.
  needs.logger.error(
    { paymentId, transaction, code: proof.code },
    "a facilitator named a transaction that is not the payment",
  );
  return recordUnknown(needs, { paymentId, transaction: null, code: proof.code, detail, raw });
}

/** Facilitators have said that a payment failed whose tokens had moved; the chain is looked at before it is believed. */
async function confirmFailed(
  needs: SettleNeeds,
  input: Settling & { readonly outcome: SettleOutcome & { readonly kind: "failed" } },
): Promise<StoredPayment> {
  const { payment, quote, outcome } = input;
  const { code, detail, raw } = outcome;
  const now = new Date(needs.clock.now());
  const verdict = await readVerdict(needs, { payment, quotedAt: quote.createdAt, now });
  const paymentId = payment.id;
  if (verdict.kind !== "settled") return recordFailed(needs, { paymentId, code, detail, raw });
  needs.logger.error({ paymentId, code }, "a facilitator said that a payment failed which the chain has");
  return recordSettled(needs, { paymentId, transaction: verdict.transaction, raw });
}
