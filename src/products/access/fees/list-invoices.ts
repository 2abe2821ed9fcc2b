import type { Database } from "../../../platform/database/pool.ts";
import { toPage } from "../telling/page.ts";
import { type InvoiceStatus, invoiceView } from "./invoice.ts";
import { selectInvoices } from "./invoice-store.ts";

/** A page of invoices as the wire shows them, newest first: one merchant's, or everybody's. */
export async function listInvoices(
  needs: { readonly database: Database },
  input: {
    readonly merchantId: string | null;
    readonly status: InvoiceStatus | undefined;
    readonly cursor: string | undefined;
    readonly limit: number;
  },
) {
  const { merchantId, status = null, cursor = null, limit } = input;
  const rows = await selectInvoices(needs.database, { merchantId, status, before: cursor, limit: limit + 1 });
  const { items, nextCursor } = toPage(rows, { limit, cursorOf: ({ id }) => id });
  return { invoices: items.map(invoiceView), nextCursor };
}
