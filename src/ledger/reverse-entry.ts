import { nanodollars } from "../money/nanodollars.ts";
import { ownerOf, parseAccountName } from "./chart-of-accounts.ts";
import type { EntryDraft, PostedEntry, Posting } from "./entry.ts";
import { EntryNotFound, EntryNotReversible } from "./errors.ts";
import { selectTransfers, type TransferRow } from "./journal-store.ts";
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
  const number = parseEntryId(input.entryId);
  const transfers = await selectTransfers(needs.database, number);
  if (transfers.length === 0) throw new EntryNotFound();
  return needs.ledger.post(reversalOf(formatEntryId(number), transfers, input.reason));
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
