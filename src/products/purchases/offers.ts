import { readFileSync } from "node:fs";
import { z } from "zod";
import { nanodollars, parseDollars } from "../../money/nanodollars.ts";
import { OFFER_KINDS } from "./offer-kinds/kinds.ts";

const dollars = z.string().refine(isPositiveDollars, 'a positive amount in dollars as text, such as "4.99"');
const identifier = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, "1 to 64 small letters, digits, _ or -, beginning with a letter or digit");
const words = z.array(z.string().min(1).max(64)).max(50).default([]);
const country = z.string().regex(/^[A-Z]{2}$/, 'a country of ISO 3166 in capitals, such as "DE"');

/** For whom something is meant: what the ranking compares with an asker's hints. Nothing stated means everybody alike. */
export const RankingHints = z.object({
  keywords: words,
  countries: z.array(country).max(300).default([]),
  professions: words,
  preferences: words,
});

/** See {@link RankingHints}: the data file's record. */
export type RankingHints = z.infer<typeof RankingHints>;

const Triggers = z.object({ low: dollars, critical: dollars, termination: dollars });

/** What a customer agrees to: prices, tokens and deposit bounds. Copied into the purchase, so a later price never changes it. */
export const OfferTerms = z.object({
  prices: z.array(z.object({ unit: z.string().min(1).max(64), dollars, label: z.string() })).min(1),
  tokens: z.array(z.enum(["USDC", "USDT"])).min(1),
  /** Short names of the chains it is paid on; every chain of the server unless stated. */
  chains: z.array(z.string().min(1).max(64)).min(1).optional(),
  minimum_deposit: dollars,
  suggested_deposit: dollars,
  maximum_deposit: dollars,
  /** Balances at which a purchase reacts; derived from its first deposit unless stated, and when that deposit is not above `low`. */
  triggers: Triggers.optional(),
  grace_seconds: z.number().int().min(0).max(31_536_000).optional(),
  /** When what was bought can no longer be written: at the critical level, or, when absent, only when it is deleted. */
  suspend_at: z.literal("critical").optional(),
  /** The least that is sent back when a purchase ends; 0.1 when absent. */
  smallest_refund: dollars.optional(),
});

/** One thing for sale, as the data file states it. */
export const Offer = z.object({
  id: identifier,
  sku: z.string().min(1).max(128),
  kind: z.enum(OFFER_KINDS),
  checkout_flow_id: z.string().min(1).max(128),
  title: z.string().min(1).max(255),
  description: z.string().min(1),
  terms: OfferTerms,
  /** The appstore lists it joins, behind those that a list names itself, and for whom it is meant. */
  appstore: RankingHints.extend({ lists: z.array(identifier).max(50).default([]) }).optional(),
});

/** A list of the appstore: its own words, for whom it is meant, and its offers in order. */
export const AppstoreList = z.object({
  id: identifier,
  title: z.string().min(1).max(255),
  description: z.string().min(1).max(2_000),
  hints: RankingHints.optional(),
  offers: z.array(identifier).max(500).default([]),
});

/** The data file: everything for sale and the lists it is shown in. */
export const Catalogue = z.object({
  lists: z.array(AppstoreList).max(500).default([]),
  offers: z.array(Offer).min(1).max(5_000),
});

/** See {@link AppstoreList}: the data file's record. */
export type AppstoreList = z.infer<typeof AppstoreList>;

/** See {@link Catalogue}: the data file's record. */
export type Catalogue = z.infer<typeof Catalogue>;

/** See {@link Offer}: the data file's record. */
export type Offer = z.infer<typeof Offer>;

/** See {@link OfferTerms}: the data file's record. */
export type OfferTerms = z.infer<typeof OfferTerms>;

/** Where the built-in catalogue is. */
export const BUILT_IN_CATALOGUE = new URL("./offers.json", import.meta.url);

/** Reads the built-in catalogue. Throws when it is malformed: a server does not start on a broken price list. */
export function readBuiltInCatalogue(): Catalogue {
  return Catalogue.parse(JSON.parse(readFileSync(BUILT_IN_CATALOGUE, "utf8")));
}

/** The offers of the built-in catalogue. */
export function readOfferFile(): readonly Offer[] {
  return readBuiltInCatalogue().offers;
}

/** The smallest confirmed deposit, in nanodollars, that buys the offer. */
export function minimumDeposit(offer: Pick<Offer, "terms">) {
  return nanodollars(parseDollars(offer.terms.minimum_deposit));
}

/** The one-line price list shown on receipts: every unit and its price, from the terms and nowhere else. */
export function priceLine(terms: OfferTerms): string {
  return terms.prices.map((price) => `$${price.dollars} ${price.label}`).join("; ");
}

function isPositiveDollars(text: string): boolean {
  try {
    return parseDollars(text) > 0n;
  } catch {
    return false;
  }
}
