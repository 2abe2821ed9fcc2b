import { type Nanodollars, nanodollars } from "../money/nanodollars.ts";
import type { AccountName } from "./chart-of-accounts.ts";
import { InvalidEntry } from "./errors.ts";
import { selectHistory } from "./journal-store.ts";
import type { LedgerDatabase } from "./ledger-store.ts";
import { formatEntryId, parseEntryId } from "./outcome.ts";

/** One entry as its account saw it: `change` is positive where the account gained. */
export type HistoryItem = {
  readonly entryId: string;
  readonly kind: string;
  readonly postedAt: Date;
  readonly change: Nanodollars;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
};

/** A page, newest first. `nextCursor` continues it, and is null on the last one. */
export type HistoryPage = { readonly items: readonly HistoryItem[]; readonly nextCursor: string | null };

const NEWEST = "9223372036854775807";
const MOST_ITEMS = 500;

/**
 * Reads what moved a customer account, newest first, `limit` (1 to 500) at a time. The cursor is an entry id, so a page never shifts
 * when new entries arrive. Holds show when they are settled. Throws {@link InvalidEntry} for a limit, {@link EntryNotFound} for a cursor.
 */
export async function readHistory(
  database: LedgerDatabase,
  input: { readonly account: AccountName; readonly limit: number; readonly cursor?: string },
): Promise<HistoryPage> {
  const { account, limit, cursor } = input;
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ITEMS)
    throw new InvalidEntry(`A page has 1 to ${MOST_ITEMS} items.`);
  const before = cursor === undefined ? NEWEST : parseEntryId(cursor);
  const rows = await selectHistory(database, { account, before, limit: limit + 1 });
  const items = rows.slice(0, limit).map((row) => ({
    entryId: formatEntryId(row.id),
    kind: row.kind,
    postedAt: row.posted_at,
    change: nanodollars(BigInt(row.change)),
    description: row.description,
    metadata: row.metadata,
  }));
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.entryId ?? null) : null };
}
