import { BarePaymentRefused, PaymentNotProven, PaymentNotSeen, QuoteNotFound } from "../../payment-errors.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import { offerAgain, requireOpenAsset } from "../quotes/offer.ts";
import { findQuote, type StoredQuote } from "../quotes/quote-store.ts";
import type { AccessOutcome, Target } from "../taking/access-outcome.ts";
import { answerPayment } from "../taking/answer-payment.ts";
import { type PresentedProof, readPresentedProof } from "../taking/presented-proof.ts";
import { claimBare } from "./claim-bare.ts";
import { claimRow } from "./claim-row.ts";
import { answerCounted, answerKnownClaim, type Claimed, isSignedBy } from "./known-claim.ts";
import { findTransfer, type PaidTransfer, type Receiver } from "./read-transfer.ts";
import { settleClaim } from "./settle-claim.ts";

/** Blocks are stamped by clocks of others. */
const LATENESS_MILLISECONDS = 30_000;

/**
 * `PAY2`: a transfer the payer made itself, named by its transaction, which this server reads from the chain. A transaction is public, so
 * the caller shows the quote's secret for a transfer whose memo names the quote, or the payer's signature over the quote's id. What was
 * paid in time is honoured whenever it is claimed; what cannot be served becomes the payer's balance.
 */
export async function claimTransaction(needs: PaymentNeeds, input: Claimed): Promise<AccessOutcome> {
  const { target, presented } = input;
  const proof = await readPresentedProof(needs, { assetId: target.assetId, ...input });
  const answer = await answerKnownClaim(needs, { claimed: input, proof });
  if (answer !== null) return answer;
  if (presented.quoteId === null) {
    if (!needs.takesBarePayments) throw new BarePaymentRefused();
    return claimBare(needs, { ...input, proof });
  }
  const quote = await findQuote(needs.database, presented.quoteId);
  if (quote === null || quote.assetId !== target.assetId || quote.sessionId !== (target.session?.id ?? null))
    throw new QuoteNotFound();
  return claimBound(needs, { claimed: input, quote, proof });
}

type Bound = { readonly claimed: Claimed; readonly quote: StoredQuote; readonly proof: PresentedProof };

async function claimBound(needs: PaymentNeeds, { claimed, quote, proof }: Bound): Promise<AccessOutcome> {
  const { target, presented } = claimed;
  const receivers: readonly Receiver[] = quote.options.map((option) => ({
    ...option,
    priceUnits: BigInt(option.amountUnits),
  }));
  const { transaction } = presented;
  const found = await findTransfer(needs, { receivers, transaction, since: quote.createdAt, gross: quote.total });
  if (found.kind === "not_seen") throw new PaymentNotSeen(found.detail);
  if (found.kind === "refuted") return refuseTransfer(needs, { target, quote, proof, refuted: found, transaction });
  requireClaimant(found, { presented, quote, proof });
  const isServed = found.at.getTime() <= quote.expiresAt.getTime() + LATENESS_MILLISECONDS;
  const submission = claimRow({ found, quote, proof, target, transaction });
  const payment = await settleClaim(needs, { submission, isNewQuote: false, isServed, raw: null });
  const answer = payment === null ? null : await answerPayment(needs, payment);
  return answer ?? answerCounted(needs, { claimed, proof, written: submission });
}

/** Throws 403 `payment_not_proven` unless the caller is who paid, for this quote. */
function requireClaimant(
  found: PaidTransfer,
  input: { readonly presented: Claimed["presented"]; readonly quote: StoredQuote; readonly proof: PresentedProof },
): void {
  const { presented, quote, proof } = input;
  const named = found.memos.filter((memo) => memo.startsWith("qte_"));
  if (named.length > 0 && !named.includes(quote.id))
    throw new PaymentNotProven("The transaction's memo names another quote. Claim it for that one.");
  if (isSignedBy(presented, { payer: found.payer, quoteId: quote.id })) return;
  if (proof.quoteId === quote.id && named.includes(quote.id)) return;
  throw new PaymentNotProven(
    "Anybody can name a transaction. Send as proof the signature of the wallet that paid over the quote's id; the quote's secret is enough only where the transaction's memo is the quote's id. Nothing new was charged.",
  );
}

/** The transaction is not a payment of this quote, so the quote is still to be paid. */
async function refuseTransfer(
  needs: PaymentNeeds,
  input: {
    readonly target: Target;
    readonly quote: StoredQuote;
    readonly proof: PresentedProof;
    readonly transaction: string;
    readonly refuted: { readonly code: string; readonly detail: string };
  },
): Promise<AccessOutcome> {
  const { target, quote, proof, refuted } = input;
  const open = await requireOpenAsset(needs, target);
  const network = quote.options[0]?.network ?? "";
  return offerAgain(needs, {
    ...{ open, quote, target },
    knowsSecret: proof.quoteId === quote.id && quote.expiresAt.getTime() > needs.clock.now(),
    refusal: { reason: refuted.code, error: refuted.detail },
    attempt: { dialect: "pay2", network, payer: null, amountUnits: 0n },
  });
}
