import { isDeepStrictEqual } from "node:util";
import type { Knex } from "knex";
import type { StoredList } from "./appstore/appstore-store.ts";
import { listLists, replaceLists } from "./appstore/appstore-store.ts";
import { OfferNotFound } from "./errors.ts";
import type { OfferSource, StoredOffer } from "./offer-store.ts";
import { applyOffers, findOffer, hasOwnCatalogue, lockOffers, retireOffers } from "./offer-store.ts";
import type { AppstoreList, Catalogue, Offer } from "./offers.ts";
import { RankingHints } from "./offers.ts";

/** How a buyer names an offer: its id, or the checkout flow seed 000's clients know it by. */
export type OfferKey = { readonly id: string } | { readonly checkout_flow_id: string };

/** The offer of that name, if it is sold. Throws `offer_not_found`. */
export async function readOffer(needs: { readonly database: Knex | Knex.Transaction }, key: OfferKey): Promise<Offer> {
  const offer = await findOffer(needs.database, key);
  if (offer === null) throw new OfferNotFound();
  return offer;
}

/** The offer a checkout was opened for, also when it was retired since. Throws `offer_not_found`. */
export async function readCheckoutOffer(
  needs: { readonly database: Knex | Knex.Transaction },
  input: { readonly offerId: string },
): Promise<Offer> {
  const offer = await findOffer(needs.database, { id: input.offerId }, { retired: true });
  if (offer === null) throw new OfferNotFound();
  return offer;
}

/** What applying a catalogue did to one offer or list, and which of its members differ. */
export type CatalogueChange = {
  readonly what: "offer" | "list";
  readonly id: string;
  readonly change: "added" | "changed" | "unchanged" | "retired";
  readonly members: readonly string[];
};

/**
 * Makes what is sold and shown exactly what a catalogue says, in one transaction that changes queue on. Offers and lists it does not
 * have are retired; purchases and open checkouts keep the terms they were sold with, whatever changes here. Applying twice changes
 * nothing.
 */
export async function applyCatalogue(
  needs: { readonly database: Knex },
  input: { readonly catalogue: Catalogue; readonly source: OfferSource },
): Promise<readonly CatalogueChange[]> {
  const { catalogue, source } = input;
  return needs.database.transaction(async (transaction) => {
    const before = await lockOffers(transaction);
    const listsBefore = await listLists(transaction);
    const lists = catalogue.lists.map((list) => resolveList(list, catalogue.offers));
    const changes = [...compareOffers(before, catalogue.offers), ...compareLists(listsBefore, lists)];
    const moving = changes.filter(
      ({ what, change }) => what === "offer" && change !== "added" && change !== "unchanged",
    );
    // Retired first, so that two offers may exchange a sku or a flow.
    await retireOffers(
      transaction,
      moving.map(({ id }) => id),
    );
    await applyOffers(transaction, catalogue.offers, source);
    await replaceLists(transaction, lists);
    return changes;
  });
}

/** Brings the built-in catalogue up to date at a server's start, unless an operator applied a file of their own. */
export async function keepBuiltInCatalogue(needs: { readonly database: Knex }, catalogue: Catalogue): Promise<void> {
  if (await hasOwnCatalogue(needs.database)) return;
  await applyCatalogue(needs, { catalogue, source: "built-in" });
}

/** A list with its whole order: the offers it names, then those that name it, each once. Pure. */
export function resolveList(list: AppstoreList, offers: readonly Offer[]): StoredList {
  const joining = offers.filter(({ appstore }) => appstore?.lists.includes(list.id) === true).map(({ id }) => id);
  return {
    id: list.id,
    title: list.title,
    description: list.description,
    hints: RankingHints.parse(list.hints ?? {}),
    offerIds: [...new Set([...list.offers, ...joining])],
  };
}

function compareOffers(before: readonly StoredOffer[], after: readonly Offer[]): readonly CatalogueChange[] {
  const known = new Map(before.map((stored) => [stored.offer.id, stored]));
  const named = new Set(after.map(({ id }) => id));
  const retired = before.filter((stored) => !stored.retired && !named.has(stored.offer.id));
  return [
    ...after.map((offer) => compare("offer", toSold(known.get(offer.id)), offer)),
    ...retired.map(({ offer }) => ({ what: "offer", id: offer.id, change: "retired", members: [] }) as const),
  ];
}

function toSold(stored: StoredOffer | undefined): Offer | undefined {
  return stored?.retired === true ? undefined : stored?.offer;
}

function compareLists(before: readonly StoredList[], after: readonly StoredList[]): readonly CatalogueChange[] {
  const known = new Map(before.map((list) => [list.id, list]));
  const named = new Set(after.map(({ id }) => id));
  const retired = before.filter(({ id }) => !named.has(id));
  return [
    ...after.map((list) => compare("list", known.get(list.id), list)),
    ...retired.map(({ id }) => ({ what: "list", id, change: "retired", members: [] }) as const),
  ];
}

function compare(
  what: CatalogueChange["what"],
  before: Offer | StoredList | undefined,
  after: Offer | StoredList,
): CatalogueChange {
  const { id } = after;
  if (before === undefined) return { what, id, change: "added", members: [] };
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const names = [...new Set([...old.keys(), ...now.keys()])];
  const members = names.filter((name) => !isDeepStrictEqual(old.get(name), now.get(name)));
  return { what, id, change: members.length === 0 ? "unchanged" : "changed", members };
}
