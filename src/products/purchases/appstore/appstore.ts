import type { Knex } from "knex";
import { AppstoreListNotFound } from "../errors.ts";
import { listSoldOffers } from "../offer-store.ts";
import type { Offer } from "../offers.ts";
import { RankingHints } from "../offers.ts";
import type { AskerHints, Reason } from "./appstore-ranking.ts";
import { byScore, joinReasons, scoreMatch } from "./appstore-ranking.ts";
import type { StoredList } from "./appstore-store.ts";
import { findList, listLists } from "./appstore-store.ts";

/** An offer with why it stands where it does. */
export type RankedOffer = { readonly offer: Offer; readonly reason: Reason };

/** A list with why it stands where it does. */
export type RankedList = { readonly list: StoredList; readonly reason: Reason };

/**
 * The lists worth showing to an asker, best first: each scores its own hints and its best offer's. Lists that have nothing for sale are
 * left out. Source: seed 000, "Appstore".
 */
export async function suggestLists(
  needs: { readonly database: Knex },
  asker: AskerHints,
): Promise<readonly RankedList[]> {
  const [lists, offers] = await Promise.all([listLists(needs.database), listSoldOffers(needs.database)]);
  const ranked = lists.flatMap((list) => {
    const [best] = rankOffers(list, offers, asker);
    return best === undefined ? [] : [{ list, reason: joinReasons(scoreMatch(list, asker), best.reason) }];
  });
  return byScore(ranked);
}

/** One list with its offers, best match first; without hints in the list's own order. Throws `appstore_list_not_found`. */
export async function readList(
  needs: { readonly database: Knex },
  input: { readonly listId: string; readonly asker: AskerHints },
): Promise<{ readonly list: StoredList; readonly offers: readonly RankedOffer[] }> {
  const [list, offers] = await Promise.all([findList(needs.database, input.listId), listSoldOffers(needs.database)]);
  if (list === null) throw new AppstoreListNotFound();
  return { list, offers: rankOffers(list, offers, input.asker) };
}

function rankOffers(list: StoredList, offers: readonly Offer[], asker: AskerHints): readonly RankedOffer[] {
  const sold = new Map(offers.map((offer) => [offer.id, offer]));
  const listed = list.offerIds.flatMap((id) => sold.get(id) ?? []);
  return byScore(listed.map((offer) => ({ offer, reason: scoreMatch(toRankable(offer), asker) })));
}

function toRankable({ title, description, appstore }: Offer) {
  return { title, description, hints: appstore ?? RankingHints.parse({}) };
}
