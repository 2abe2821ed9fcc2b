import { Context } from "@temporalio/activity";
import { expireHolds } from "../src/ledger/holds.ts";
import type { BookNeeds, TendedBooks } from "../src/ledger/tend-books.ts";
import { tendBooks } from "../src/ledger/tend-books.ts";

/** What the ledger's activities need. */
export type LedgerActivityNeeds = BookNeeds;

const HEARTBEAT_MS = 5_000;

/** What schedules do to the books. */
export function ledgerActivities(needs: LedgerActivityNeeds) {
  return {
    expireHolds: (): Promise<number> => expireHolds(needs),
    tendBooks: async (): Promise<TendedBooks> => {
      const context = Context.current();
      const beat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
      try {
        return await tendBooks(needs);
      } finally {
        clearInterval(beat);
      }
    },
  };
}
