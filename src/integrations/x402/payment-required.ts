import { offerDiscovery } from "./discovery.ts";
import type { WireObject } from "./facilitator.ts";
import type { QuoteOption } from "./payment.ts";
import { offerPaymentIdentifier } from "./payment-identifier.ts";
import { shorten } from "./requirements.ts";
import { encodeWireObject } from "./wire-object.ts";

/** What a 402 says of the thing behind it. `url` is absolute and public: a proxy's address would be another resource. */
export type PaidResource = {
  readonly url: string;
  readonly description: string;
  readonly serviceName?: string;
  readonly tags?: readonly string[];
};

/** What a 402 is made of. Prices are decimal strings in dollars: `price` for one unit, `total` for all of them. */
export type PaymentRequiredInput = {
  readonly options: readonly QuoteOption[];
  readonly quoteId: string;
  readonly quoteSecret: string;
  readonly units: number;
  readonly unit: string;
  readonly price: string;
  readonly total: string;
  readonly expiresAt: Date;
  readonly resource: PaidResource;
  /** A sentence, and the same for machines: `payment_required`, or why the last payment was not taken. */
  readonly error: string;
  readonly reason: string;
  /** Of the v2 answer, beside those every 402 has: sign-in-with-x. */
  readonly extensions?: WireObject;
};

/** The body of a 402. v1 clients read `x402Version`, `error` and `accepts` and ignore the rest, which is for people and PAY2. */
export type PaymentRequiredBody = {
  readonly x402Version: 1;
  readonly error: string;
  readonly reason: string;
  readonly accepts: readonly WireObject[];
  readonly quoteId: string;
  readonly quoteSecret: string;
  readonly units: number;
  readonly unit: string;
  readonly price: string;
  readonly total: string;
  readonly expiresAt: string;
  readonly hints: readonly string[];
};

/** A 402 as a route answers it. */
export type PaymentRequired = {
  readonly status: 402;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: PaymentRequiredBody;
};

// Limits of the v2 specification for what stores show.
const MAXIMUM_LABEL = 32;
const MAXIMUM_TAGS = 5;
/** Clients' own limits, which are the first thing that stops a payment: @x402/fetch takes at most $1, x402-fetch 0.10 USDC. */
const V1_HINT =
  "x402 v1: pay one entry of accepts and send X-PAYMENT. x402-fetch refuses more than 0.10 USDC until its maxValue is raised.";
const HINTS = [
  "x402 v2: echo one entry of PAYMENT-REQUIRED in PAYMENT-SIGNATURE. @x402/fetch refuses more than $1 or a token that is not the network's USDC until setSpendControls allows it.",
  'PAY2: transfer total to x-address yourself (on Solana with quoteId as the memo), then send "x-payment-authorization: PAY2 " and base64 of {"signature", "quoteId", "proof"}, where proof is quoteSecret.',
  "Several small purchases are safer than a large one: a session can be extended at any time.",
];

/**
 * The one 402 that every client understands: seed 001's headers, the v2 header, and the v1 body. The first option is the one the
 * plain headers name. Never cached: it holds a quote's secret.
 */
export function paymentRequired(input: PaymentRequiredInput): PaymentRequired {
  return { status: 402, headers: headersOf(input), body: bodyOf(input) };
}

function headersOf(input: PaymentRequiredInput): Readonly<Record<string, string>> {
  const [first] = input.options;
  if (first === undefined) throw new Error("A 402 without a way to pay helps nobody.");
  return {
    "PAYMENT-REQUIRED": encodeWireObject(paymentRequiredObject(input)),
    "x-cost": input.price,
    "x-address": first.payTo,
    "x-facilitator": first.facilitatorUrl,
    "x-network": first.v1Name ?? first.caip2,
    "x-unit": input.unit,
    "x-units": String(input.units),
    "x-total": input.total,
    "x-quote-id": input.quoteId,
    "x-quote-expires": input.expiresAt.toISOString(),
    "cache-control": "no-store",
  };
}

/** PaymentRequired of protocol version 2; also what a socket sends. Source: x402 v2. */
export function paymentRequiredObject(input: PaymentRequiredInput): WireObject {
  return {
    x402Version: 2,
    error: input.error,
    resource: resourceOf(input.resource),
    accepts: input.options.map(({ requirements }) => requirements),
    extensions: { ...offerPaymentIdentifier(), ...offerDiscovery(), ...input.extensions },
  };
}

function resourceOf(resource: PaidResource): WireObject {
  const serviceName = labelOf(resource.serviceName ?? "");
  const tags = (resource.tags ?? []).map(labelOf).filter((tag) => tag !== "");
  return {
    url: resource.url,
    description: shorten(resource.description),
    mimeType: "application/json",
    ...(serviceName === "" ? {} : { serviceName }),
    ...(tags.length === 0 ? {} : { tags: tags.slice(0, MAXIMUM_TAGS) }),
  };
}

/** Clients may refuse the whole answer for a label outside the limits, and these come from merchants. */
function labelOf(text: string): string {
  return text
    .replaceAll(/[^\x20-\x7e]/g, "")
    .slice(0, MAXIMUM_LABEL)
    .trim();
}

function bodyOf(input: PaymentRequiredInput): PaymentRequiredBody {
  const accepts = input.options.flatMap(({ requirementsV1 }) => (requirementsV1 === null ? [] : [requirementsV1]));
  return {
    x402Version: 1,
    error: input.error,
    reason: input.reason,
    accepts,
    quoteId: input.quoteId,
    quoteSecret: input.quoteSecret,
    units: input.units,
    unit: input.unit,
    price: input.price,
    total: input.total,
    expiresAt: input.expiresAt.toISOString(),
    hints: accepts.length === 0 ? HINTS : [V1_HINT, ...HINTS],
  };
}
