import type { X402Network } from "../../../../integrations/x402/networks.ts";
import type { PresentedPayment, QuoteOption, SignedPayment } from "../../../../integrations/x402/payment.ts";
import { isOfferOf } from "../../../../integrations/x402/requirements.ts";
import { checkSignedPayment } from "../../../../integrations/x402/signed-payment.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import type { StoredPayment } from "../payment-store.ts";
import type { Refusal, Target } from "../taking/access-outcome.ts";
import type { PresentedProof } from "../taking/presented-proof.ts";
import { openOptions } from "./quote-secret.ts";
import { findOpenQuote, findQuote, type StoredQuote } from "./quote-store.ts";

type OfferNeeds = Pick<PaymentNeeds, "database" | "clock" | "masterKey">;

/** A signed payment with everything its quote is found by. */
export type SignedRequest = {
  readonly target: Target;
  readonly presented: Exclude<PresentedPayment, { readonly dialect: "pay2" }>;
  readonly signed: SignedPayment;
  readonly network: X402Network;
  readonly proof: PresentedProof;
  /** The units the request states; null where it states none. */
  readonly units: number | null;
  /** The failed payment that this payload was before. */
  readonly retried: StoredPayment | null;
};

/** The quote a payment is for and the way to pay it chose; or why it fits none, with the quote where one was found. */
export type FoundOffer =
  | { readonly kind: "found"; readonly quote: StoredQuote; readonly option: QuoteOption }
  | { readonly kind: "mismatch"; readonly quote: StoredQuote; readonly refusal: Refusal }
  | { readonly kind: "none"; readonly refusal: Refusal };

/**
 * Finds what a payment was quoted and compares it with that, word for word: never with today's price or wallet. v2 names its quote by the
 * secret it echoes; v1 by the memo, else it is the newest open quote of the same terms.
 */
export async function findOffer(needs: OfferNeeds, request: SignedRequest): Promise<FoundOffer> {
  const quote = await findQuoteOf(needs, request);
  if (quote === null)
    return none("quote_not_found", "No quote of this asset offers what this payment pays. Take a new one.");
  const { target } = request;
  if (quote.assetId !== target.assetId || quote.sessionId !== (target.session?.id ?? null))
    return none("quote_for_something_else", "The quote of this payment is for another asset or session.");
  if (quote.expiresAt.getTime() <= needs.clock.now())
    return none("quote_expired", "The quote of this payment has expired. Sign a payment for the new one.");
  const isOther = request.units !== null && request.units !== quote.units;
  if (isOther)
    return mismatched(
      quote,
      "units_mismatch",
      `The quote is for ${quote.units} units, the request for ${request.units}.`,
    );
  const option = openOptions(needs, quote).find((each) => isChosen(each, request));
  if (option === undefined)
    return mismatched(quote, "offer_not_found", "The payment's terms are none of the quote's offers.");
  const mismatch = checkSignedPayment(request.signed, option, new Date(needs.clock.now()));
  return mismatch === null ? { kind: "found", quote, option } : mismatched(quote, mismatch.code, mismatch.detail);
}

function none(reason: string, error: string): FoundOffer {
  return { kind: "none", refusal: { reason, error: `${error} Nothing was charged.` } };
}

function mismatched(quote: StoredQuote, reason: string, error: string): FoundOffer {
  return { kind: "mismatch", quote, refusal: { reason, error: `${error} Nothing was charged.` } };
}

async function findQuoteOf(needs: OfferNeeds, request: SignedRequest): Promise<StoredQuote | null> {
  const { presented, proof, signed, retried, target } = request;
  if (presented.dialect === "v2") return proof.quoteId === null ? null : findQuote(needs.database, proof.quoteId);
  if (retried !== null) return findQuote(needs.database, retried.quoteId);
  if (signed.memo !== null) return findQuote(needs.database, signed.memo);
  return findOpenQuote(needs.database, {
    assetId: target.assetId,
    sessionId: target.session?.id ?? null,
    units: request.units,
    network: signed.network,
    payTo: signed.kind === "evm" ? signed.payTo : null,
    asset: signed.asset,
    amountUnits: signed.amountUnits,
    now: new Date(needs.clock.now()),
  });
}

function isChosen(option: QuoteOption, { presented, signed }: SignedRequest): boolean {
  if (presented.dialect === "v2") return isOfferOf(presented.accepted, option);
  const isAsset = option.asset === signed.asset || option.asset.toLowerCase() === signed.asset.toLowerCase();
  return option.network === signed.network && isAsset && option.requirementsV1 !== null;
}
