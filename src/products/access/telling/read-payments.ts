import type { Knex } from "knex";
import { PaymentNotFound } from "../errors.ts";
import type { Page } from "./page.ts";
import { toPage } from "./page.ts";
import type { LogFilter, LogRecord, PaymentFilter, PaymentRecord } from "./payment-record-store.ts";
import { selectLogLines, selectPayment, selectPayments } from "./payment-record-store.ts";

const MOST_LINES = 200;

/** A page of a merchant's payments, newest first. */
export async function readPayments(
  needs: { readonly database: Knex },
  filter: PaymentFilter,
): Promise<Page<PaymentRecord>> {
  const { limit } = filter;
  const rows = await selectPayments(needs.database, { ...filter, limit: limit + 1 });
  return toPage(rows, { limit, cursorOf: ({ id }) => id });
}

/** One payment of a merchant with its lines of the log, oldest first. Throws `payment_not_found`. */
export async function readPayment(
  needs: { readonly database: Knex },
  input: { readonly merchantId: string; readonly id: string },
): Promise<{ readonly payment: PaymentRecord; readonly lines: readonly LogRecord[] }> {
  const { merchantId, id } = input;
  const payment = await selectPayment(needs.database, { merchantId, id });
  if (payment === null) throw new PaymentNotFound();
  const lines = await selectLogLines(needs.database, { merchantId, paymentId: id, limit: MOST_LINES });
  return { payment, lines: lines.toReversed() };
}

/** A page of the payment log, newest first: of one merchant, or of all where none is named. */
export async function readPaymentLog(needs: { readonly database: Knex }, filter: LogFilter): Promise<Page<LogRecord>> {
  const { limit } = filter;
  const rows = await selectLogLines(needs.database, { ...filter, limit: limit + 1 });
  return toPage(rows, { limit, cursorOf: ({ number }) => number });
}
