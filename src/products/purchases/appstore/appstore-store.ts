import { z } from "zod";
import type { Database } from "../../../platform/database/pool.ts";
import { RankingHints } from "../offers.ts";

/** A list as it is stored; `offerIds` is its whole order. */
export type StoredList = {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly hints: RankingHints;
  readonly offerIds: readonly string[];
};

type ListRow = { id: string; title: string; description: string; hints: unknown; offer_ids: unknown };

/** Puts exactly these lists up, in this order; lists that are not among them are taken down. */
export async function replaceLists(database: Database, lists: readonly StoredList[]): Promise<void> {
  await database("appstore_lists")
    .whereNotIn(
      "id",
      lists.map(({ id }) => id),
    )
    .whereNull("retired_at")
    .update({ retired_at: database.fn.now() });
  for (const [position, { id, title, description, hints, offerIds }] of lists.entries()) {
    const row = { id, title, description, hints: JSON.stringify(hints), offer_ids: JSON.stringify(offerIds), position };
    await database("appstore_lists")
      .insert({ ...row, retired_at: null, updated_at: database.fn.now() })
      .onConflict("id")
      .merge();
  }
}

/** Every list that is up, in order. */
export async function listLists(database: Database): Promise<readonly StoredList[]> {
  const rows: ListRow[] = await database("appstore_lists").whereNull("retired_at").orderBy(["position", "id"]);
  return rows.map(toList);
}

/** One list that is up; null when there is none. */
export async function findList(database: Database, id: string): Promise<StoredList | null> {
  const row: ListRow | undefined = await database("appstore_lists").where({ id }).whereNull("retired_at").first();
  return row === undefined ? null : toList(row);
}

function toList(row: ListRow): StoredList {
  return {
    id: row.id,
    title: row.title,
    description: row.description,
    hints: RankingHints.parse(row.hints),
    offerIds: z.array(z.string()).parse(row.offer_ids),
  };
}
