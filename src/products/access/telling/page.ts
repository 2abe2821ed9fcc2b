/** A page of a list; `nextCursor` is null on the last. */
export type Page<Item> = { readonly items: readonly Item[]; readonly nextCursor: string | null };

/** Makes a page of at most `limit` items out of a read that asked for one more. Pure. */
export function toPage<Item>(
  rows: readonly Item[],
  input: { readonly limit: number; readonly cursorOf: (item: Item) => string },
): Page<Item> {
  const items = rows.slice(0, input.limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > input.limit && last !== undefined ? input.cursorOf(last) : null };
}
