import { readFileSync } from "node:fs";
import { z } from "zod";
import { nanodollars, parseDollars } from "../../money/nanodollars.ts";
import { OFFER_KINDS } from "./offer-kinds/kinds.ts";

const dollars = z.string().refine((text) => parseDollars(text) > 0n, "expected a positive amount in dollars");

/** What a customer agrees to: prices, tokens and deposit bounds. Copied into the purchase, so a later price never changes it. */
export const OfferTerms = z.object({
  prices: z.array(z.object({ unit: z.string().min(1).max(64), dollars, label: z.string() })).min(1),
  tokens: z.array(z.enum(["USDC", "USDT"])).min(1),
  minimum_deposit: dollars,
  suggested_deposit: dollars,
  maximum_deposit: dollars,
  grace_seconds: z.number().int().min(0).max(31_536_000).optional(),
});

/** One thing for sale, as the data file states it. */
export const Offer = z.object({
  id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/),
  sku: z.string().min(1).max(128),
  kind: z.enum(OFFER_KINDS),
  checkout_flow_id: z.string().min(1).max(128),
  title: z.string().min(1).max(255),
  description: z.string().min(1),
  terms: OfferTerms,
});

/** See {@link Offer}: the data file's record. */
export type Offer = z.infer<typeof Offer>;

/** See {@link OfferTerms}: the data file's record. */
export type OfferTerms = z.infer<typeof OfferTerms>;

/** Reads and checks the room's data file. Throws when it is malformed: a server does not start on a broken price list. */
export function readOfferFile(path: URL = new URL("./offers.json", import.meta.url)): readonly Offer[] {
  return z.array(Offer).parse(JSON.parse(readFileSync(path, "utf8")));
}

/** The smallest confirmed deposit, in nanodollars, that buys the offer. */
export function minimumDeposit(offer: Pick<Offer, "terms">) {
  return nanodollars(parseDollars(offer.terms.minimum_deposit));
}

/** The one-line price list shown on receipts: every unit and its price, from the terms and nowhere else. */
export function priceLine(terms: OfferTerms): string {
  return terms.prices.map((price) => `$${price.dollars} ${price.label}`).join("; ");
}
