import { setTimeout as sleep } from "node:timers/promises";
import { DomainError } from "../../../../errors.ts";
import { PaymentPayloadInvalid } from "../../../../integrations/x402/errors.ts";
import type { Facilitator, FacilitatorCall, VerifyOutcome } from "../../../../integrations/x402/facilitator.ts";
import type { X402Network } from "../../../../integrations/x402/networks.ts";
import type { PresentedPayment, QuoteOption } from "../../../../integrations/x402/payment.ts";
import { facilitatorCall } from "../../../../integrations/x402/requirements.ts";
import { readSignedPayment } from "../../../../integrations/x402/signed-payment.ts";
import { textMember } from "../../../../integrations/x402/wire-object.ts";
import { redactText } from "../../../../platform/logger.ts";
import { feeBasisPointsFor } from "../../fees/fee-rate.ts";
import { FacilitatorUnavailable, PaymentKeyReused } from "../../payment-errors.ts";
import { logPayment } from "../payment-log-store.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import { findPaymentByKey, findPaymentByPayload, type StoredPayment } from "../payment-store.ts";
import { findOffer, type SignedRequest } from "../quotes/find-offer.ts";
import { offer, offerAgain, requireOpenAsset } from "../quotes/offer.ts";
import type { StoredQuote } from "../quotes/quote-store.ts";
import { settlePayment } from "../settlement/settle-payment.ts";
import type { AccessOutcome, Attempt, Refusal } from "./access-outcome.ts";
import type { PaidRequest } from "./access-request.ts";
import { answerKnownPayment, answerPayment } from "./answer-payment.ts";
import { sealPayload } from "./payload-seal.ts";
import { keyHashOf, readPresentedProof } from "./presented-proof.ts";
import { settlePatience } from "./settle-patience.ts";
import { type Submission, submitPayment } from "./submit-payment.ts";

/** A facilitator that checks so slowly may be quicker then. */
const RETRY_SECONDS = 5;

type SignedPresented = Exclude<PresentedPayment, { readonly dialect: "pay2" }>;

/**
 * A payment of protocol version 1 or 2: known ones are answered again, others compared with their quote, checked by the facilitator,
 * written down, settled and proven. Throws what {@link submitPayment} and {@link settlePayment} throw, and 400 `payment_payload_invalid`.
 */
export async function paySigned(
  needs: PaymentNeeds,
  input: PaidRequest & { readonly presented: SignedPresented },
): Promise<AccessOutcome> {
  const { target, presented } = input;
  const startedAt = needs.clock.now();
  const network = networkOf(needs, presented);
  const x402Version = presented.dialect === "v2" ? 2 : 1;
  const signed = readSignedPayment({ network, x402Version, payload: presented.payload });
  const proof = await readPresentedProof(needs, { assetId: target.assetId, ...input });
  const place = { network: network.id, payloadKey: signed.key };
  const known = await findPaymentByPayload(needs.database, place);
  const answer = known === null ? null : await answerKnownPayment(needs, { known, target, proof });
  if (answer !== null) return answer;
  await refuseOtherPayload(needs, { ...input, payer: signed.payer, payloadKey: signed.key, key: proof.key });
  // An amount is judged by the price of the quote, which the payment has to equal anyway.
  const units = input.wanted.units ?? null;
  const request = { target, presented, signed, network, proof, units, retried: known };
  return payNew(needs, { input, request, startedAt });
}

/** v2 says the network by CAIP-2, v1 by name; one of each is one of ours or none. */
function networkOf(needs: Pick<PaymentNeeds, "x402Networks">, presented: SignedPresented): X402Network {
  const named = presented.dialect === "v1" ? presented.network : (textMember(presented.accepted, "network") ?? "");
  const network = needs.x402Networks.find(({ caip2, v1Name }) =>
    presented.dialect === "v1" ? v1Name === named : caip2 === named,
  );
  if (network !== undefined) return network;
  throw new PaymentPayloadInvalid(
    "network_unknown",
    "The payment names a network that this server takes no payments on.",
  );
}

async function refuseOtherPayload(
  needs: PaymentNeeds,
  input: PaidRequest & { readonly payer: string; readonly payloadKey: string; readonly key: string | null },
): Promise<void> {
  const { key, payer, payloadKey, target } = input;
  if (key === null) return;
  const other = await findPaymentByKey(needs.database, keyHashOf({ key, payer, assetId: target.assetId }));
  if (other !== null && other.payloadKey !== payloadKey) throw new PaymentKeyReused();
}

/** `startedAt`: when the request came, by our clock. */
type New = { readonly input: PaidRequest; readonly request: SignedRequest; readonly startedAt: number };

/**
 * Another request with the same payment may be quicker at any moment: its quote is then paid, its asset occupied, and by the payment itself.
 * So no refusal is given before looking for that payment once more.
 */
async function payNew(needs: PaymentNeeds, attempt: New): Promise<AccessOutcome> {
  try {
    const outcome = await tryNew(needs, attempt);
    if (outcome.kind !== "payment_required") return outcome;
    return (await answerMeanwhile(needs, attempt.request)) ?? outcome;
  } catch (error) {
    if (!(error instanceof DomainError) || error.status >= 500) throw error;
    const meanwhile = await answerMeanwhile(needs, attempt.request);
    if (meanwhile === null) throw error;
    return meanwhile;
  }
}

async function tryNew(needs: PaymentNeeds, { input, request, startedAt }: New): Promise<AccessOutcome> {
  const { target, signed, presented, proof } = request;
  const attempt: Attempt = { ...signed, dialect: presented.dialect };
  // An asset that is not open is said so whatever the quote, so neither waits for the other.
  const [found, open] = await Promise.all([findOffer(needs, request), requireOpenAsset(needs, target)]);
  if (found.kind === "none") return offer(needs, { target, wanted: input.wanted, refusal: found.refusal, attempt });
  const { quote } = found;
  const again = (refusal: Refusal) =>
    offerAgain(needs, { open, quote, target, knowsSecret: proof.quoteId === quote.id, refusal, attempt });
  if (found.kind === "mismatch") return again(found.refusal);
  return take(needs, { request, startedAt, quote, option: found.option, again });
}

type Taking = Pick<New, "request" | "startedAt"> & {
  readonly quote: StoredQuote;
  readonly option: QuoteOption;
  /** Answers 402 with the same terms. */
  readonly again: (refusal: Refusal) => Promise<AccessOutcome>;
};

async function take(needs: PaymentNeeds, taking: Taking): Promise<AccessOutcome> {
  const { request, option, again } = taking;
  const call = facilitatorCall({ ...request, option });
  if (call === null)
    return again({ reason: "version_not_offered", error: "This way to pay is not offered in this version." });
  const facilitator = needs.facilitators.named(option.facilitator);
  const { merchantId } = taking.quote;
  const [verified, feeBasisPoints] = await Promise.all([
    facilitator.verify(call),
    feeBasisPointsFor(needs, { merchantId, now: new Date(needs.clock.now()) }),
  ]);
  if (verified.kind === "unavailable") {
    const { detail } = verified;
    needs.logger.warn({ facilitator: facilitator.name, detail: redactText(detail) }, "a payment could not be checked");
    throw new FacilitatorUnavailable(verified);
  }
  if (verified.kind === "invalid") {
    // It may be invalid only because it was settled meanwhile; then nothing was refused.
    const meanwhile = await answerMeanwhile(needs, request);
    if (meanwhile !== null) return meanwhile;
    await logRefusal(needs, { ...taking, facilitator, verified });
    return again({ reason: verified.code, error: `${verified.detail} Nothing was charged.` });
  }
  const patienceMs = settlePatience({ startedAt: taking.startedAt, now: needs.clock.now() });
  if (patienceMs === null) throw new FacilitatorUnavailable({ retryAfterSeconds: RETRY_SECONDS });
  const submission = submissionOf(needs, { ...taking, call, facilitator });
  const payment = await submitPayment(needs, { submission, feeBasisPoints });
  if (payment === null) return again(TRIED_ELSEWHERE);
  const settling = settlePayment(needs, { payment, quote: taking.quote, facilitator, call });
  const settled = await patiently(needs, { payment, settling, patienceMs });
  return (await answerPayment(needs, settled)) ?? again(refusalOf(settled));
}

/** A facilitator may take 100 seconds. Its answer is written down whenever it comes; the payer is told meanwhile where to look. */
async function patiently(
  needs: PaymentNeeds,
  input: {
    readonly payment: StoredPayment;
    readonly settling: Promise<StoredPayment>;
    readonly patienceMs: number;
  },
): Promise<StoredPayment> {
  const { payment, settling, patienceMs } = input;
  const cancelled = new AbortController();
  const waited = sleep(patienceMs, payment, { signal: cancelled.signal }).catch(() => payment);
  settling.catch((error: unknown) =>
    needs.logger.warn({ err: error, paymentId: payment.id }, "a payment was not settled"),
  );
  try {
    return await Promise.race([settling, waited]);
  } finally {
    cancelled.abort();
  }
}

const TRIED_ELSEWHERE: Refusal = {
  reason: "payment_failed",
  error: "Another request with this payment has just failed. Nothing was charged.",
};

function refusalOf(payment: StoredPayment): Refusal {
  const detail = payment.failureDetail ?? "The payment failed.";
  return { reason: payment.failureCode ?? "payment_failed", error: `${detail} Nothing was charged.` };
}

async function answerMeanwhile(needs: PaymentNeeds, request: SignedRequest): Promise<AccessOutcome | null> {
  const { network, signed, target, proof } = request;
  const known = await findPaymentByPayload(needs.database, { network: network.id, payloadKey: signed.key });
  return known === null ? null : answerKnownPayment(needs, { known, target, proof });
}

function submissionOf(
  needs: PaymentNeeds,
  input: Taking & { readonly call: FacilitatorCall; readonly facilitator: Facilitator },
): Submission {
  const { request, quote, option, call, facilitator } = input;
  const { signed, proof, target, retried, presented } = request;
  return {
    ...{ quote, retried, dialect: presented.dialect, isPaid: false, transaction: null, leftUnits: 0n },
    network: option.network,
    token: option.token,
    decimals: option.decimals,
    payTo: option.payTo,
    payer: signed.payer,
    amountUnits: signed.amountUnits,
    payloadKey: signed.key,
    payloadSealed: sealPayload(needs, call),
    validUntil: signed.validUntil,
    facilitator: facilitator.name,
    keyHash: proof.key === null ? null : keyHashOf({ key: proof.key, assetId: target.assetId, payer: signed.payer }),
  };
}

async function logRefusal(
  needs: PaymentNeeds,
  input: Taking & {
    readonly facilitator: Facilitator;
    readonly verified: VerifyOutcome & { readonly kind: "invalid" };
  },
): Promise<void> {
  const { request, quote, option, facilitator, verified } = input;
  await logPayment(needs.database, {
    paymentId: request.retried?.id ?? null,
    quoteId: quote.id,
    merchantId: quote.merchantId,
    assetId: quote.assetId,
    sessionId: quote.sessionId,
    event: "refused",
    success: false,
    network: option.network,
    token: option.token,
    payer: request.signed.payer,
    amountUnits: request.signed.amountUnits,
    code: verified.code,
    detail: verified.detail,
    facilitator: facilitator.name,
    raw: verified.raw,
  });
}
