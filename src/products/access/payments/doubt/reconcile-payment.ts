import type { SettleOutcome } from "../../../../integrations/x402/facilitator.ts";
import { PaymentInDoubt } from "../../doubt-errors.ts";
import { PaymentNotFound } from "../../errors.ts";
import type { ResolveNeeds } from "../payment-needs.ts";
import { findPayment, type StoredPayment } from "../payment-store.ts";
import { findQuote } from "../quotes/quote-store.ts";
import { type ChainVerdict, readVerdict, type VerdictNeeds } from "../settlement/chain-verdict.ts";
import { proveSettlement } from "../settlement/prove-settlement.ts";
import { recordFailed, recordSettled, recordUnknown } from "../settlement/resolve-payment.ts";
import { type AskAgainNeeds, askFacilitatorAgain } from "./ask-again.ts";
import { type PaymentReview, reviewOf } from "./payment-review.ts";
import { recheckFailed } from "./recheck-failed.ts";
import { recheckPayment } from "./recheck-payment.ts";

/** What it takes to find out what became of a payment. */
export type ReconcileNeeds = ResolveNeeds & VerdictNeeds & AskAgainNeeds;

/** Until then whoever took the payment is asking for it to be settled. */
const UNDER_WAY_MILLISECONDS = 15_000;
/** With neither chain nor facilitator answering for so long, people have to look. */
const SILENCE_MILLISECONDS = 900_000;
const SHORTEST_PAUSE_MILLISECONDS = 2_000;
const LONGEST_PAUSE_MILLISECONDS = 300_000;

/**
 * One look at a payment in doubt. The chain is asked first; while it knows nothing and the payment can still land, its facilitator is asked
 * again for the identical payload, which moves the tokens at most once. What the chain proves ends the payment; a facilitator's word alone
 * never does. Safe at any time and any number of times. Throws `payment_not_found`, and `payment_in_doubt` where people have to look.
 */
export async function reconcilePayment(
  needs: ReconcileNeeds,
  input: { readonly paymentId: string },
): Promise<PaymentReview> {
  const payment = await findPayment(needs.database, input.paymentId);
  if (payment === null) throw new PaymentNotFound();
  const now = new Date(needs.clock.now());
  if (payment.status === "failed") return recheckFailed(needs, { payment, now });
  if (payment.resolvedAt !== null) return recheckPayment(needs, { payment, now });
  const isFresh = payment.status === "submitted" && ageOf(payment, now) < UNDER_WAY_MILLISECONDS;
  if (isFresh) return waiting(payment, { now, details: "Its facilitator is being asked." });
  const quote = await findQuote(needs.database, payment.quoteId);
  if (quote === null) throw new Error("a payment lacks its quote");
  const verdict = await readVerdict(needs, { payment, quotedAt: quote.createdAt, now });
  if (verdict.kind === "open" || verdict.kind === "silent")
    return askAgain(needs, { payment, quotedAt: quote.createdAt, now, verdict });
  return conclude(needs, payment, verdict);
}

async function conclude(
  needs: ReconcileNeeds,
  payment: StoredPayment,
  verdict: Exclude<ChainVerdict, { readonly kind: "open" | "silent" }>,
): Promise<PaymentReview> {
  const paymentId = payment.id;
  if (verdict.kind === "settled") {
    const { transaction } = verdict;
    const settled = await recordSettled(needs, { paymentId, transaction, raw: { source: "chain", transaction } });
    return reviewOf(settled, `The chain has it: ${transaction}.`, null);
  }
  const { code, detail } = verdict;
  if (verdict.kind === "failed") {
    const failed = await recordFailed(needs, { paymentId, code, detail, raw: { source: "chain", code } });
    return reviewOf(failed, detail, null);
  }
  await sayUnknown(needs, { payment, code, detail });
  throw new PaymentInDoubt({ reason: code, detail });
}

/** The chain knows nothing yet: the facilitator is sent the same payload once more, and what it says is looked up. */
async function askAgain(
  needs: ReconcileNeeds,
  input: {
    readonly payment: StoredPayment;
    readonly quotedAt: Date;
    readonly now: Date;
    readonly verdict: Extract<ChainVerdict, { readonly kind: "open" | "silent" }>;
  },
): Promise<PaymentReview> {
  const { payment, quotedAt, now, verdict } = input;
  const outcome = await askFacilitatorAgain(needs, payment);
  const transaction = outcome?.kind === "settled" || outcome?.kind === "unknown" ? outcome.transaction : null;
  if (transaction !== null && outcome !== null) {
    const proof = await proveSettlement(needs, { payment, transaction, quotedAt });
    if (proof.kind === "proven") {
      const settled = await recordSettled(needs, { paymentId: payment.id, transaction, raw: outcome.raw });
      return reviewOf(settled, `The chain has it: ${transaction}.`, null);
    }
  }
  const facilitator = outcome === null ? "" : ` Its facilitator, asked again: ${sayOutcome(outcome)}.`;
  const details = `${verdict.detail}${facilitator}`;
  await sayUnknown(needs, { payment, code: "outcome_unknown", detail: details });
  const isSilent = verdict.kind === "silent" && (outcome === null || outcome.kind === "not_sent");
  if (isSilent && ageOf(payment, now) > SILENCE_MILLISECONDS)
    throw new PaymentInDoubt({ reason: "nobody_answers", detail: details });
  return waiting({ ...payment, status: "unknown" }, { now, details });
}

/** The first doubt is told to the merchant and shown to the payer; repeating it would only wake us. */
async function sayUnknown(
  needs: ReconcileNeeds,
  doubt: { readonly payment: StoredPayment; readonly code: string; readonly detail: string },
): Promise<void> {
  const { payment, code, detail } = doubt;
  if (payment.status !== "submitted") return;
  await recordUnknown(needs, { paymentId: payment.id, transaction: null, code, detail, raw: { source: "chain" } });
}

function sayOutcome(outcome: SettleOutcome): string {
  if (outcome.kind === "settled") return `settled by ${outcome.transaction}, which the chain does not confirm`;
  if (outcome.kind === "failed") return `failed (${outcome.code}), which is not believed before the chain says so`;
  return `${outcome.kind === "unknown" ? "it does not know" : "it does not answer"} (${outcome.detail.slice(0, 200)})`;
}

function waiting(payment: StoredPayment, look: { readonly now: Date; readonly details: string }): PaymentReview {
  const { now, details } = look;
  const age = ageOf(payment, now);
  const pause = Math.min(Math.max(age / 4, SHORTEST_PAUSE_MILLISECONDS), LONGEST_PAUSE_MILLISECONDS);
  const isFresh = payment.status === "submitted" && age < UNDER_WAY_MILLISECONDS;
  const dueIn = isFresh ? UNDER_WAY_MILLISECONDS - age : pause;
  return reviewOf(payment, details, new Date(now.getTime() + dueIn));
}

function ageOf(payment: StoredPayment, now: Date): number {
  return now.getTime() - payment.createdAt.getTime();
}
