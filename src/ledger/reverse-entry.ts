import type { Knex } from "knex";
import { nanodollars } from "../money/nanodollars.ts";
import { ownerOf, parseAccountName } from "./chart-of-accounts.ts";
import type { EntryDraft, PostedEntry, Posting } from "./entry.ts";
import { refOf } from "./entry-digest.ts";
import { EntryNotFound, EntryNotReversible } from "./errors.ts";
import { selectEntryByRef, selectTransfers, type TransferRow } from "./journal-store.ts";
import type { Ledger } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-store.ts";
import { formatEntryId, parseEntryId } from "./outcome.ts";

/**
 * Corrects an entry by its opposite; nothing is edited. The reversal is keyed by the entry itself, so however many ask for it at once
 * and for whatever reason, there is one. What was settled from a hold goes back to the account's free funds. Throws
 * {@link EntryNotFound}, {@link EntryNotReversible} for an entry that only reserved or freed, {@link InsufficientFunds} where the money
 * to take back was spent.
 */
export async function reverseEntry(
  needs: { readonly ledger: Pick<Ledger, "post">; readonly database: LedgerDatabase },
  input: { readonly entryId: string; readonly reason: string },
): Promise<PostedEntry> {
  return needs.ledger.post(await draftReversal(needs.database, { ...input, number: parseEntryId(input.entryId) }));
}

/**
 * {@link reverseEntry} of whatever was posted under an idempotency key, inside a caller's transaction. Null where nothing was posted under
 * it. Throws as that does; balance rows stay locked until the transaction ends, so call it last.
 */
export async function reversePostedIn(
  transaction: Knex.Transaction,
  needs: { readonly ledger: Pick<Ledger, "postIn"> },
  input: { readonly idempotencyKey: string; readonly reason: string },
): Promise<PostedEntry | null> {
  const number = await selectEntryByRef(transaction, refOf(input.idempotencyKey));
  if (number === undefined) return null;
  return needs.ledger.postIn(transaction, await draftReversal(transaction, { number, reason: input.reason }));
}

async function draftReversal(
  database: LedgerDatabase,
  { number, reason }: { readonly number: string; readonly reason: string },
): Promise<EntryDraft> {
  const transfers = await selectTransfers(database, number);
  if (transfers.length === 0) throw new EntryNotFound();
  return reversalOf(formatEntryId(number), transfers, reason);
}

/** The key under which an entry is reversed. */
export function reversalKey(entryId: string): string {
  return `reversal:${entryId}`;
}

/** The opposite of an entry, each account's movements summed up. Throws {@link EntryNotReversible} where nothing is left. Pure. */
function reversalOf(entryId: string, transfers: readonly TransferRow[], reason: string): EntryDraft {
  const gained = new Map<string, bigint>();
  for (const { debit, credit, amount } of transfers) {
    for (const [name, change] of [
      [debit, -BigInt(amount)],
      [credit, BigInt(amount)],
    ] as const) {
      const owner = ownerOf(parseAccountName(name));
      gained.set(owner, (gained.get(owner) ?? 0n) + change);
    }
  }
  const postings = [...gained].filter(([, change]) => change !== 0n).map(([name, change]) => opposite(name, change));
  if (postings.length === 0) throw new EntryNotReversible();
  return {
    kind: "reversal",
    idempotencyKey: reversalKey(entryId),
    postings,
    description: reason,
    metadata: { reverses: entryId },
    sameInputAs: entryId,
  };
}

function opposite(name: string, change: bigint): Posting {
  const account = parseAccountName(name);
  return change > 0n
    ? { account, side: "debit", amount: nanodollars(change) }
    : { account, side: "credit", amount: nanodollars(-change) };
}
