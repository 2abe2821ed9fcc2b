import {
  type PaymentRequired,
  type PaymentRequiredInput,
  paymentRequired,
} from "../../../../integrations/x402/payment-required.ts";
import { paymentResponse } from "../../../../integrations/x402/payment-response.ts";
import { formatDollars } from "../../../../money/nanodollars.ts";
import { showPrice } from "../../assets/asset-terms.ts";
import { PaidButUnserved } from "../../payment-errors.ts";
import type { PaymentNeeds } from "../payment-needs.ts";
import type { StoredPayment } from "../payment-store.ts";
import { describeOffer, resourceUrl } from "../quotes/quotes.ts";
import { statusHandleOf } from "../status-handle.ts";
import type { AccessOutcome, Attempt } from "./access-outcome.ts";

type ShowNeeds = Pick<PaymentNeeds, "masterKey" | "publicUrl" | "signIn" | "x402Networks">;
type Required = Extract<AccessOutcome, { readonly kind: "payment_required" }>;
type Grant = Extract<AccessOutcome, { readonly kind: "granted" }>;

/** How soon a payer in doubt should look again. */
const LOOK_AGAIN_SECONDS = 2;

/** What a 402 is made of; a socket says the same in its own words. */
export function requiredInput(needs: ShowNeeds, outcome: Required): PaymentRequiredInput {
  const { quote, asset, options, secret, refusal } = outcome;
  const url = resourceUrl(needs, { assetId: asset.id });
  return {
    options,
    quoteId: quote.id,
    quoteSecret: secret,
    units: quote.units,
    unit: quote.unit,
    price: showPrice(quote.price),
    total: showPrice(quote.total),
    expiresAt: quote.expiresAt,
    resource: { url, description: describeOffer({ asset, units: quote.units }), tags: [asset.type] },
    error: refusal.error,
    reason: refusal.reason,
    extensions: needs.signIn.challenge({ resourceUrl: url }),
  };
}

/** The 402, with what became of the payment that was shown, where one was. */
export function showRequired(needs: ShowNeeds, outcome: Required): PaymentRequired {
  const answer = paymentRequired(requiredInput(needs, outcome));
  if (outcome.attempt === null) return answer;
  return { ...answer, headers: { ...responseOf(needs, outcome.attempt, outcome.refusal), ...answer.headers } };
}

function responseOf(needs: ShowNeeds, attempt: Attempt, refusal: Required["refusal"]) {
  const { caip2, v1Name } = namesOf(needs, attempt.network);
  const { dialect, payer, amountUnits } = attempt;
  return paymentResponse({
    ...{ dialect, payer, amountUnits, caip2, v1Name, success: false, transaction: null, receipt: null },
    errorReason: refusal.reason,
    errorMessage: refusal.error,
  });
}

/** What was bought, as the payer is told. */
export function showGrant(needs: ShowNeeds, outcome: Grant) {
  const { payment, quote, session, token } = outcome;
  return {
    status: "granted" as const,
    sessionToken: token,
    minutesPurchased: (quote.units * quote.unitSeconds) / 60,
    expiresAt: session.expiresAt.toISOString(),
    websocketUrl: websocketUrl(needs, token),
    sessionId: session.id,
    assetId: session.assetId,
    units: quote.units,
    unit: quote.unit,
    paymentId: payment.id,
    transaction: payment.transaction,
    network: namesOf(needs, payment.network).caip2,
    receipt: payment.receipt,
    statusUrl: statusUrl(needs, payment.id),
  };
}

/** Where a session is followed live. Source: seed 001, "websocketUrl". */
export function websocketUrl({ publicUrl }: { readonly publicUrl: string }, token: string): string {
  return `${publicUrl.replace(/^http/, "ws")}/?token=${token}`;
}

/** Where a payer looks what became of its payment. */
function statusUrl(needs: Pick<ShowNeeds, "masterKey" | "publicUrl">, paymentId: string): string {
  return `${needs.publicUrl}/api/v1/access/payments/${statusHandleOf(needs, paymentId)}`;
}

/** What a payer in doubt is told. */
export function showPending(needs: ShowNeeds, payment: StoredPayment) {
  return {
    status: "pending" as const,
    paymentId: payment.id,
    statusUrl: statusUrl(needs, payment.id),
    retryAfterSeconds: LOOK_AGAIN_SECONDS,
  };
}

/** The headers of a payment that was taken, whatever it bought. */
export function takenHeaders(needs: ShowNeeds, payment: StoredPayment): Readonly<Record<string, string>> {
  const { caip2, v1Name } = namesOf(needs, payment.network);
  const { dialect, payer, amountUnits, transaction, receipt } = payment;
  const success = payment.status === "settled" || payment.status === "unserved";
  const errorReason = success ? null : "settlement_pending";
  return paymentResponse({ dialect, payer, amountUnits, transaction, receipt, success, errorReason, caip2, v1Name });
}

/** The failure that says that money moved and bought nothing, and what became of it. */
export function unservedError(needs: ShowNeeds, payment: StoredPayment): PaidButUnserved {
  return new PaidButUnserved({
    paymentId: payment.id,
    transaction: payment.transaction,
    balance: formatDollars(payment.gross),
    merchantId: payment.merchantId,
    payer: payment.payer,
    statusUrl: statusUrl(needs, payment.id),
    receipt: payment.receipt,
  });
}

function namesOf({ x402Networks }: ShowNeeds, id: string): { readonly caip2: string; readonly v1Name: string | null } {
  return x402Networks.find((network) => network.id === id) ?? { caip2: id, v1Name: null };
}
