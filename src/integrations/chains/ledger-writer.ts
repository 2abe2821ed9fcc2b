import type { EntryDraft, PostedEntry } from "../../ledger/entry.ts";
import type { Database } from "../../platform/database/pool.ts";

/** The one thing the chains ask of the ledger: to post in the transaction that changes our rows, so both happen or neither. */
export type LedgerWriter = {
  readonly postIn: (transaction: Database, draft: EntryDraft) => Promise<Pick<PostedEntry, "entryId">>;
};
