import type { Ledger } from "../../ledger/ledger.ts";

/** The one thing the chains ask of the ledger: to post in the transaction that changes our rows, so both happen or neither. */
export type LedgerWriter = Pick<Ledger, "postIn">;
