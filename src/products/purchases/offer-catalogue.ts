import type { Knex } from "knex";
import { OfferNotFound } from "./errors.ts";
import { findOffer } from "./offer-store.ts";
import type { Offer } from "./offers.ts";

/** How a buyer names an offer: its id, or the checkout flow seed 000's clients know it by. */
export type OfferKey = { readonly id: string } | { readonly checkout_flow_id: string };

/** The offer of that name. Throws `offer_not_found`. */
export async function readOffer(needs: { readonly database: Knex | Knex.Transaction }, key: OfferKey): Promise<Offer> {
  const offer = await findOffer(needs.database, key);
  if (offer === null) throw new OfferNotFound();
  return offer;
}
