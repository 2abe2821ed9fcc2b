import type { Knex } from "knex";
import type { Ledger } from "../../../ledger/ledger.ts";
import { feeInvoicePaid } from "../../../ledger/postings/access.ts";
import { formatDollars } from "../../../money/nanodollars.ts";
import type { Clock } from "../../../platform/clock.ts";
import { RequestIdReused } from "../../../platform/repairs/errors.ts";
import { repairOnce } from "../../../platform/repairs/repair-once.ts";
import { InvoiceAlreadyPaid, InvoiceNotFound } from "../fee-errors.ts";
import type { Invoice } from "./invoice.ts";
import { markInvoiceRow, selectInvoice } from "./invoice-store.ts";

/** What marking an invoice as paid needs. */
export type PaidNeeds = {
  readonly database: Knex;
  readonly clock: Clock;
  readonly ledger: Pick<Ledger, "postIn">;
};

/**
 * The operator says that an invoice was paid, and by what: `reference` is a transfer's or statement's own name. Books it, writes it down
 * among the operator's actions, all or nothing; the same again answers the same. Throws `invoice_not_found` and, under another
 * reference, `invoice_already_paid`.
 */
export async function markInvoicePaid(
  needs: PaidNeeds,
  input: { readonly id: string; readonly reference: string; readonly actor: string; readonly note: string },
): Promise<Invoice> {
  const { id, reference, actor, note } = input;
  const requestId = `invoice-paid:${id}`;
  const call = { requestId, subject: `invoice/${id}`, action: "markInvoicePaid", actor, note, isDryRun: false };
  try {
    await repairOnce(needs, { ...call, input: { reference } }, (transaction) => payIn(transaction, needs, input));
  } catch (error) {
    throw error instanceof RequestIdReused ? new InvoiceAlreadyPaid() : error;
  }
  return readInvoice(needs.database, { id });
}

async function payIn(
  transaction: Knex.Transaction,
  needs: PaidNeeds,
  input: { readonly id: string; readonly reference: string },
) {
  const { id, reference } = input;
  const { merchantId, amount, month } = await readInvoice(transaction, { id, lock: true });
  await markInvoiceRow(transaction, { id, reference, at: new Date(needs.clock.now()) });
  await needs.ledger.postIn(transaction, feeInvoicePaid({ invoiceId: id, merchantId, amount }));
  const text = `The invoice ${id} of ${merchantId} for ${month.slice(0, 7)} over ${formatDollars(amount)} US dollars is paid.`;
  return { text, data: { invoiceId: id, reference }, wakes: [] };
}

async function readInvoice(database: Knex, input: { readonly id: string; readonly lock?: boolean }): Promise<Invoice> {
  const invoice = await selectInvoice(database, input);
  if (invoice === undefined) throw new InvoiceNotFound();
  return invoice;
}
