import type { FacilitatorChoice } from "../../../../integrations/x402/facilitator.ts";
import type { X402Network, X402Token } from "../../../../integrations/x402/networks.ts";
import type { QuoteOption } from "../../../../integrations/x402/payment.ts";
import { paymentRequirements } from "../../../../integrations/x402/requirements.ts";
import { divide } from "../../../../money/conversions.ts";
import {
  MAXIMUM_AMOUNT,
  NANODOLLARS_PER_DOLLAR,
  type Nanodollars,
  nanodollars,
  parseDollars,
} from "../../../../money/nanodollars.ts";
import { newId } from "../../../../platform/ids.ts";
import { hashSecret } from "../../../../platform/secret-hash.ts";
import type { Asset } from "../../asset.ts";
import type { Merchant } from "../../merchant.ts";
import { FacilitatorUnavailable, MerchantHasNoWallet, UnitsNotSold } from "../../payment-errors.ts";
import type { Session } from "../../session.ts";
import type { QuoteNeeds } from "../payment-needs.ts";
import { preferNetwork } from "./prefer-network.ts";
import { hideSecret, quoteSecretOf } from "./quote-secret.ts";
import { insertQuote, type StoredQuote } from "./quote-store.ts";

/** As many units as one payment may buy. */
export const MAXIMUM_UNITS = 100_000;

/** No offer asks a payer to sign for longer than this: what is signed can land that long. */
const MAXIMUM_OFFER_SECONDS = 120;

/** What a request says of how much it wants. Amounts are decimal dollars. */
export type Wanted = {
  readonly units?: number | undefined;
  readonly amount?: string | undefined;
  readonly additionalAmount?: string | undefined;
};

/** The units a request asks for, one where it says nothing; whether it said it matters for payments that cannot name their quote. */
export function readUnits(wanted: Wanted, price: Nanodollars): { readonly units: number; readonly isStated: boolean } {
  const given = [wanted.units, wanted.amount, wanted.additionalAmount].filter((value) => value !== undefined);
  if (given.length > 1) throw new UnitsNotSold("Say units or an amount, not both.");
  const amount = wanted.amount ?? wanted.additionalAmount;
  if (amount === undefined) return { units: wanted.units ?? 1, isStated: wanted.units !== undefined };
  const units = divide(positive(parseDollars(amount)), price, "down");
  if (units < 1n) throw new UnitsNotSold("The amount is less than the price of one unit.");
  if (units > MAXIMUM_UNITS) throw new UnitsNotSold(`The amount buys more than ${MAXIMUM_UNITS} units.`);
  return { units: Number(units), isStated: true };
}

function positive(amount: Nanodollars): Nanodollars {
  if (amount <= 0n) throw new UnitsNotSold("The amount must be more than nothing.");
  return amount;
}

/** What is quoted: units of an asset at a price, for a new session or as more of a running one. */
export type QuoteInput = {
  readonly asset: Asset;
  readonly merchant: Merchant;
  readonly session: Session | null;
  readonly units: number;
  /** The price of one unit; an extension of a session and a quote that is made again may keep an older one. */
  readonly price: Nanodollars;
};

/** A quote that was just made, with the secret its options carry. */
export type OpenQuote = { readonly quote: StoredQuote; readonly secret: string };

/**
 * Makes and keeps a quote: one insert. Throws 400 `invalid_units` for a total that is too large, 422 `merchant_has_no_wallet` and 503
 * `facilitator_unavailable` where there is no way to pay it.
 */
export async function makeQuote(needs: QuoteNeeds, input: QuoteInput): Promise<OpenQuote> {
  const ways = waysToPay(needs, input.merchant);
  const open = draftQuote(needs, input, ways);
  await insertQuote(needs.database, { ...open.quote, options: open.quote.options.map(hideSecret) });
  return open;
}

/** A quote and its options, not kept yet. `ways` may be none, where the payer's balance pays. */
export function draftQuote(needs: QuoteNeeds, input: QuoteInput, ways: readonly WayToPay[]): OpenQuote {
  const { asset, merchant, session, units, price } = input;
  const now = needs.clock.now();
  const id = newId("qte", now);
  const secret = quoteSecretOf(needs, id);
  const total = totalOf(price, units);
  const terms = { needs, input, total, id, secret };
  const quote: StoredQuote = {
    id,
    secretHash: hashSecret(secret),
    merchantId: merchant.id,
    assetId: asset.id,
    sessionId: session?.id ?? null,
    unit: asset.unit,
    unitSeconds: asset.unitSeconds,
    units,
    price,
    total,
    settlementMode: merchant.settlementMode,
    options: ways.flatMap((way) => optionFor(terms, way)),
    createdAt: new Date(now),
    expiresAt: new Date(now + needs.paymentTimeoutSeconds * 1000),
  };
  return { quote, secret };
}

function totalOf(price: Nanodollars, units: number): Nanodollars {
  if (!Number.isInteger(units) || units < 1 || units > MAXIMUM_UNITS)
    throw new UnitsNotSold(`Units are a whole number from 1 to ${MAXIMUM_UNITS}.`);
  const total = price * BigInt(units);
  if (total > MAXIMUM_AMOUNT) throw new UnitsNotSold("So many units cost more than one payment can be.");
  return nanodollars(total);
}

/** A token a merchant can be paid in now: where it goes, and who puts the payment on chain. */
export type WayToPay = {
  readonly network: X402Network;
  readonly token: X402Token;
  readonly payTo: string;
  readonly choice: FacilitatorChoice;
};

/** Every way to pay a merchant now, in the order of the networks, the preferred one first. Asks nobody. Throws as {@link makeQuote}. */
function waysToPay(needs: QuoteNeeds, merchant: Merchant): readonly WayToPay[] {
  const networks = preferNetwork(needs.x402Networks, needs.facilitators.preferredNetwork);
  const receivers = networks.flatMap((network) => {
    const payTo = receiverOf(needs, merchant, network);
    return payTo === null ? [] : [{ network, payTo }];
  });
  if (receivers.length === 0) throw new MerchantHasNoWallet();
  const ways = receivers.flatMap(({ network, payTo }) => {
    const choice = needs.facilitators.choose(network);
    return choice === null ? [] : network.tokens.map((token) => ({ network, token, payTo, choice }));
  });
  if (ways.length === 0) throw new FacilitatorUnavailable(null);
  return ways;
}

/** Who is paid on a network: the merchant's own wallet, or ours in custodial mode; null where there is none. */
export function receiverOf(
  needs: Pick<QuoteNeeds, "settlementWalletOf">,
  merchant: Merchant,
  network: X402Network,
): string | null {
  if (merchant.settlementMode === "custodial") return needs.settlementWalletOf(network.id);
  return merchant.wallets.find((wallet) => wallet.network === network.id)?.address ?? null;
}

type Terms = {
  readonly needs: QuoteNeeds;
  readonly input: QuoteInput;
  readonly total: Nanodollars;
  readonly id: string;
  readonly secret: string;
};

/** None where the token is too coarse for the price: what is paid is the price, neither more nor less. */
function optionFor(terms: Terms, { network, token, payTo, choice }: WayToPay): readonly QuoteOption[] {
  const { needs, input, total, id, secret } = terms;
  const scaled = total * 10n ** BigInt(token.decimals);
  if (scaled % NANODOLLARS_PER_DOLLAR !== 0n) return [];
  const amountUnits = scaled / NANODOLLARS_PER_DOLLAR;
  const requirements = paymentRequirements({
    ...{ network, token, payTo, amountUnits, choice, quoteId: id, quoteSecret: secret },
    resourceUrl: resourceUrl(needs, { assetId: input.asset.id }),
    description: describeOffer(input),
    maxTimeoutSeconds: Math.min(needs.paymentTimeoutSeconds, MAXIMUM_OFFER_SECONDS),
  });
  return [
    {
      network: network.id,
      caip2: network.caip2,
      v1Name: network.v1Name,
      token: token.symbol,
      decimals: token.decimals,
      asset: token.address,
      payTo,
      amountUnits: amountUnits.toString(),
      facilitator: choice.facilitator.name,
      facilitatorUrl: choice.facilitator.url,
      requirements: requirements.v2,
      requirementsV1: requirements.v1,
    },
  ];
}

/** What is paid for, as clients see it: the asset, also where a session is extended, as a session's token is a secret. */
export function resourceUrl(needs: { readonly publicUrl: string }, input: { readonly assetId: string }): string {
  return `${needs.publicUrl}/api/v1/access/${encodeURIComponent(input.assetId)}`;
}

/** In a few words what an offer is for. */
export function describeOffer(input: { readonly asset: Pick<Asset, "name" | "unit">; readonly units: number }): string {
  return `${input.units} ${input.asset.unit}${input.units === 1 ? "" : "s"} of ${input.asset.name}`;
}
