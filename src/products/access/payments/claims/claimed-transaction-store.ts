import type { Database } from "../../../../platform/database/pool.ts";
import { findPayment, type StoredPayment } from "../payment-store.ts";

/** What is known by its transaction, as the unique index says it: not signed payments on EVM, of which one may have several. */
export const KNOWN_BY_TRANSACTION = "NOT (network LIKE 'eip155:%' AND dialect IN ('v1', 'v2'))";

/** The payment that a transaction on chain is, or may be, by itself: PAY2, or any on Solana. Null when none is known. */
export async function findPaymentByTransaction(
  database: Database,
  input: { readonly network: string; readonly transaction: string },
): Promise<StoredPayment | null> {
  const row: { readonly id: string } | undefined = await database("access_payments")
    .where({ network: input.network, transaction: input.transaction })
    .whereNot("status", "failed")
    .whereRaw(KNOWN_BY_TRANSACTION)
    .first("id");
  return row === undefined ? null : findPayment(database, row.id);
}
