import type { Database } from "../../../platform/database/pool.ts";
import { InvoiceNotFound } from "../fee-errors.ts";
import type { Invoice } from "./invoice.ts";
import { selectInvoice } from "./invoice-store.ts";

/** An invoice of the merchant's own. Throws {@link InvoiceNotFound}, also for another's. */
export async function readMerchantInvoice(
  needs: { readonly database: Database },
  input: { readonly id: string; readonly merchantId: string },
): Promise<Invoice> {
  const invoice = await selectInvoice(needs.database, { id: input.id });
  if (invoice === undefined || invoice.merchantId !== input.merchantId) throw new InvoiceNotFound();
  return invoice;
}
