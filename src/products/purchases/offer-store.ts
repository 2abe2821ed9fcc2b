import type { Database } from "../../platform/database/pool.ts";
import { Offer } from "./offers.ts";

/** Which catalogue an offer came with: the built-in one, which a starting server keeps up to date, or an operator's own file. */
export type OfferSource = "built-in" | "file";

/** An offer as it is stored: `retired` ones are not sold any more. */
export type StoredOffer = { readonly offer: Offer; readonly retired: boolean };

/** Makes the table say what the data file says: new offers are added, changed ones updated, and all of them sold; none is removed. */
export async function applyOffers(
  database: Database,
  offers: readonly Offer[],
  source: OfferSource = "built-in",
): Promise<void> {
  for (const [position, { appstore, terms, ...offer }] of offers.entries()) {
    await database("offers")
      .insert({
        ...offer,
        terms: JSON.stringify(terms),
        appstore: appstore === undefined ? null : JSON.stringify(appstore),
        ...{ position, source, retired_at: null, updated_at: database.fn.now() },
      })
      .onConflict("id")
      .merge();
  }
}

/** Stops selling offers; their open checkouts and their purchases go on. Also frees their sku and flow for others. */
export async function retireOffers(database: Database, ids: readonly string[]): Promise<void> {
  await database("offers")
    .whereIn("id", [...ids])
    .whereNull("retired_at")
    .update({ retired_at: database.fn.now() });
}

/** Keeps everybody else from changing the catalogue till commit, and is given the catalogue as it then is. */
export async function lockOffers(database: Database): Promise<readonly StoredOffer[]> {
  await database.raw("LOCK TABLE offers IN SHARE ROW EXCLUSIVE MODE");
  const rows: OfferRow[] = await database("offers").orderBy(["position", "id"]);
  return rows.map((row) => ({ offer: toOffer(row), retired: row.retired_at !== null }));
}

/** Every offer that is sold, in the catalogue's order. */
export async function listSoldOffers(database: Database): Promise<readonly Offer[]> {
  const rows: OfferRow[] = await database("offers").whereNull("retired_at").orderBy(["position", "id"]);
  return rows.map(toOffer);
}

/** Whether an operator put a catalogue of their own in place of the built-in one. */
export async function hasOwnCatalogue(database: Database): Promise<boolean> {
  return (await database("offers").where({ source: "file" }).first("id")) !== undefined;
}

/** One offer by id or by checkout flow id, retired ones only with `retired`; null when there is none. */
export async function findOffer(
  database: Database,
  key: { readonly id: string } | { readonly checkout_flow_id: string },
  options: { readonly retired: boolean } = { retired: false },
): Promise<Offer | null> {
  const query = database<OfferRow>("offers").where(key);
  if (!options.retired) query.whereNull("retired_at");
  const row = await query.first();
  return row === undefined ? null : toOffer(row);
}

type OfferRow = { readonly appstore: unknown; readonly retired_at: Date | null } & Readonly<Record<string, unknown>>;

function toOffer({ appstore, ...row }: OfferRow): Offer {
  return Offer.parse({ ...row, ...(appstore === null ? {} : { appstore }) });
}
