import type { Database } from "../../platform/database/pool.ts";
import { Offer } from "./offers.ts";

/** Makes the table say what the data file says: new offers are added, changed ones updated; none is ever removed. */
export async function applyOffers(database: Database, offers: readonly Offer[]): Promise<void> {
  for (const offer of offers) {
    await database("offers")
      .insert({ ...offer, terms: JSON.stringify(offer.terms) })
      .onConflict("id")
      .merge();
  }
}

/** One offer by id or by checkout flow id; null when there is none. */
export async function findOffer(
  database: Database,
  key: { readonly id: string } | { readonly checkout_flow_id: string },
): Promise<Offer | null> {
  const row: unknown = await database("offers").where(key).first();
  return row === undefined ? null : Offer.parse(row);
}
