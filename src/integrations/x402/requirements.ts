import { isDeepStrictEqual } from "node:util";
import type { FacilitatorCall, FacilitatorChoice, WireObject } from "./facilitator.ts";
import type { X402Network, X402Token } from "./networks.ts";
import type { PresentedPayment, QuoteOption, SignedPayment } from "./payment.ts";
import { objectMember, textMember } from "./wire-object.ts";

/** What one way to pay is made of. `amountUnits` is in base units of the token; `resourceUrl` absolute and public. */
export type RequirementsInput = {
  readonly network: X402Network;
  readonly token: X402Token;
  readonly payTo: string;
  readonly amountUnits: bigint;
  readonly resourceUrl: string;
  readonly description: string;
  readonly maxTimeoutSeconds: number;
  readonly quoteId: string;
  readonly quoteSecret: string;
  readonly choice: FacilitatorChoice;
};

const MIME_TYPE = "application/json";
/** Stands in every v1 entry and in a header of limited size. */
const MAXIMUM_DESCRIPTION = 160;
/** What a client may set anew for itself. Source: x402 v2, exact on Solana. */
const CLIENTS_OWN = ["recentBlockhash", "lastValidBlockHeight"];

/**
 * One entry of `accepts` for each protocol version; v1 is null where it has no name for the network or the facilitator does not speak it.
 * The memo binds a Solana payment to its quote and becomes public with it; `extra.quote` is the quote's secret, which v2 clients echo
 * to us and no chain ever sees. Both v1 classes of @x402/svm 2.27 honour `extra.memo`: the client writes it, the facilitator demands
 * it. x402-fetch 1.2 does not know it.
 */
export function paymentRequirements(input: RequirementsInput): {
  readonly v2: WireObject;
  readonly v1: WireObject | null;
} {
  const { network, token, payTo, maxTimeoutSeconds, choice } = input;
  const amount = input.amountUnits.toString();
  const bound = network.kind === "solana" ? { memo: input.quoteId } : {};
  const extra = { ...choice.extra, ...token.eip712, ...bound };
  const common = { scheme: "exact", asset: token.address, payTo, maxTimeoutSeconds };
  const v2 = { ...common, network: network.caip2, amount, extra: { ...extra, quote: input.quoteSecret } };
  if (network.v1Name === null || !choice.versions.includes(1)) return { v2, v1: null };
  const v1 = {
    ...common,
    network: network.v1Name,
    maxAmountRequired: amount,
    resource: input.resourceUrl,
    description: shorten(input.description),
    mimeType: MIME_TYPE,
    extra,
  };
  return { v2, v1 };
}

/** A description as long as a header can carry. An entry of v1 may not lack it, so it may be empty but never missing. */
export function shorten(description: string): string {
  const characters = Array.from(description.replaceAll(/\p{Cc}+/gu, " "));
  return characters.length <= MAXIMUM_DESCRIPTION
    ? characters.join("")
    : `${characters.slice(0, MAXIMUM_DESCRIPTION - 1).join("")}…`;
}

/** The quote's secret as a v2 client echoed it with the terms it chose; null when it is not there. */
export function readQuoteSecret(accepted: WireObject): string | null {
  return textMember(objectMember(accepted, "extra") ?? {}, "quote") ?? null;
}

/**
 * Whether the terms a v2 client echoed are the option's: every member equal, and whatever `extra` we gave unchanged; what a client adds
 * to `extra` is its own. Addresses compare as texts, as the client echoes what it got. Source: x402 v2.
 */
export function isOfferOf(accepted: WireObject, option: QuoteOption): boolean {
  const { extra: offeredExtra, ...offered } = option.requirements;
  const { extra: echoedExtra, ...echoed } = accepted;
  const given = Object.entries(offered).every(([name, value]) => isDeepStrictEqual(echoed[name], value));
  if (!given) return false;
  const echo = objectMember({ extra: echoedExtra ?? null }, "extra") ?? {};
  return Object.entries(objectMember({ extra: offeredExtra ?? null }, "extra") ?? {})
    .filter(([name]) => !CLIENTS_OWN.includes(name))
    .every(([name, value]) => Object.hasOwn(echo, name) && isDeepStrictEqual(echo[name], value));
}

/**
 * What a facilitator is asked about a payment: the payload as it travelled and the option's stored terms, both without the quote's
 * secret and the payment's own name, which are nobody's but ours and the buyer's. A v1 payment without memo is asked about without one, as its client knows none.
 * Null for a payment with nothing for a facilitator, or an option that was not offered in its version.
 */
export function facilitatorCall(input: {
  readonly presented: PresentedPayment;
  readonly signed: SignedPayment;
  readonly option: QuoteOption;
}): FacilitatorCall | null {
  const { presented, signed, option } = input;
  if (presented.dialect === "pay2") return null;
  if (presented.dialect === "v2") {
    const { extensions: _all, ...sent } = presented.payload;
    const extensions = listedExtensions(presented.payload);
    const paymentPayload = { ...sent, ...extensions, accepted: withoutExtra(presented.accepted, "quote") };
    return { x402Version: 2, paymentPayload, paymentRequirements: withoutExtra(option.requirements, "quote") };
  }
  if (option.requirementsV1 === null) return null;
  const hasMemo = signed.memo !== null;
  const paymentRequirements = hasMemo ? option.requirementsV1 : withoutExtra(option.requirementsV1, "memo");
  return { x402Version: 1, paymentPayload: presented.payload, paymentRequirements };
}

/** Facilitators list a resource by the one extension meant for them; the others are between the client and us. */
function listedExtensions(payload: WireObject): WireObject {
  const bazaar = objectMember(objectMember(payload, "extensions") ?? {}, "bazaar");
  return bazaar === undefined ? {} : { extensions: { bazaar } };
}

function withoutExtra(requirements: WireObject, name: string): WireObject {
  const extra = Object.entries(objectMember(requirements, "extra") ?? {}).filter(([member]) => member !== name);
  return { ...requirements, extra: Object.fromEntries(extra) };
}
