import type { ResolveNeeds } from "../payment-needs.ts";
import type { StoredPayment } from "../payment-store.ts";
import { findQuote } from "../quotes/quote-store.ts";
import { readVerdict, type VerdictNeeds } from "../settlement/chain-verdict.ts";
import { recordSettled } from "../settlement/resolve-payment.ts";
import { markPaymentFinal } from "./finality-store.ts";
import { type PaymentReview, reviewOf } from "./payment-review.ts";

const PAUSE_MILLISECONDS = 60_000;

/**
 * A look at a signed payment that counts as failed. A facilitator may have said so of one that lands later, while its signature is good:
 * then it bought what it was for, or is its payer's balance. Once the chain says that it can land no more, it is never looked at again.
 */
export async function recheckFailed(
  needs: ResolveNeeds & VerdictNeeds,
  { payment, now }: { readonly payment: StoredPayment; readonly now: Date },
): Promise<PaymentReview> {
  if (payment.payloadSealed === null) return reviewOf(payment, "It has ended.", null);
  const quote = await findQuote(needs.database, payment.quoteId);
  if (quote === null) throw new Error("a payment lacks its quote");
  const verdict = await readVerdict(needs, { payment, quotedAt: quote.createdAt, now });
  if (verdict.kind === "settled") {
    const { transaction } = verdict;
    const raw = { source: "chain", transaction };
    const settled = await recordSettled(needs, { paymentId: payment.id, transaction, raw });
    return reviewOf(settled, `It landed after it was called failed: ${transaction}.`, null);
  }
  if (verdict.kind === "failed") {
    await markPaymentFinal(needs.database, payment.id);
    return reviewOf(payment, verdict.detail, null);
  }
  return reviewOf(payment, verdict.detail, new Date(now.getTime() + PAUSE_MILLISECONDS));
}
