import { type Nanodollars, nanodollars } from "../money/nanodollars.ts";
import { refOf } from "./entry-digest.ts";
import { EntryNotFound } from "./errors.ts";
import { selectEntry, selectEntryByRef, selectTransfers, selectUsage } from "./journal-store.ts";
import type { LedgerDatabase } from "./ledger-store.ts";
import { formatEntryId, parseEntryId } from "./outcome.ts";
import { reversalKey } from "./reverse-entry.ts";

/** Everything the books know about one entry. The key is known where the entry has words; `reversedBy` where it was reversed. */
export type EntryExplanation = {
  readonly entryId: string;
  readonly kind: string;
  readonly postedAt: Date;
  readonly idempotencyKey: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly transfers: readonly { readonly debit: string; readonly credit: string; readonly amount: Nanodollars }[];
  readonly usage: readonly { readonly quantity: string; readonly unit: string; readonly occurredAt: Date }[];
  readonly reversedBy: string | null;
};

/** Explains an entry, by its id or by the idempotency key it was posted under. Throws {@link EntryNotFound}. */
export async function explainEntry(database: LedgerDatabase, idOrKey: string): Promise<EntryExplanation> {
  const number = /^(je_)?[0-9]+$/.test(idOrKey)
    ? parseEntryId(idOrKey)
    : await selectEntryByRef(database, refOf(idOrKey));
  const entry = number === undefined ? undefined : await selectEntry(database, number);
  if (entry === undefined) throw new EntryNotFound();
  const entryId = formatEntryId(entry.id);
  const transfers = await selectTransfers(database, entry.id);
  const usage = await selectUsage(database, entry.id);
  const reversal = await selectEntryByRef(database, refOf(reversalKey(entryId)));
  return {
    entryId,
    kind: entry.kind,
    postedAt: entry.posted_at,
    idempotencyKey: entry.idempotency_key,
    description: entry.description,
    metadata: entry.metadata,
    transfers: transfers.map(({ debit, credit, amount }) => ({ debit, credit, amount: nanodollars(BigInt(amount)) })),
    usage: usage.map(({ quantity, unit, occurred_at }) => ({ quantity, unit, occurredAt: occurred_at })),
    reversedBy: reversal === undefined ? null : formatEntryId(reversal),
  };
}
