import type { Knex } from "knex";
import type { JsonValue } from "../../../../errors.ts";
import { raiseWake } from "../../../../platform/temporal/wake-store.ts";
import { PaymentNotFound } from "../../errors.ts";
import { AssetBusy } from "../../payment-errors.ts";
import { extendSession } from "../../sessions/extend-session.ts";
import { openSession } from "../../sessions/open-session.ts";
import { noteSessionEvent } from "../../sessions/session-events.ts";
import { announceToMerchant } from "../../telling/announce-to-merchant.ts";
import { violates } from "../constraint-violation.ts";
import { logPayment } from "../payment-log-store.ts";
import type { ResolveNeeds } from "../payment-needs.ts";
import { markPaymentUnknown, resolvePaymentRow } from "../payment-resolution-store.ts";
import { findPaymentOfQuote, lockPayment, type StoredPayment } from "../payment-store.ts";
import { findQuote, type StoredQuote } from "../quotes/quote-store.ts";
import { postSettled } from "./post-settled.ts";
import { receiptClaims } from "./receipt-claims.ts";
import { logOf, toldOf } from "./told-payment.ts";

/** How a payment ended on chain. `raw` is the facilitator's answer or what was read, for the log. */
export type Settlement = {
  readonly paymentId: string;
  readonly transaction: string;
  readonly raw: JsonValue;
};

/**
 * Transaction 2: the tokens moved, as was proven on the chain. In one transaction the payment is settled, its session opened or extended,
 * the ledger posted, the merchant told. Where what it bought cannot be given any more, it is `unserved`: the payer's balance. Safe to call
 * again and by several processes at once: the first to hold the asset's row decides, and all get the same payment back. Throws
 * `payment_not_found`.
 */
export async function recordSettled(needs: ResolveNeeds, settlement: Settlement): Promise<StoredPayment> {
  try {
    return await needs.database.transaction((transaction) => settleWithin(transaction, needs, settlement));
  } catch (error) {
    if (!violates(error, "access_payments_transaction")) throw error;
    // One transaction on chain pays once, whatever claims it: this payment moved nothing of its own.
    return recordFailed(needs, {
      paymentId: settlement.paymentId,
      code: "transaction_already_used",
      detail: "The transaction named for this payment was counted for another payment.",
      raw: settlement.raw,
    });
  }
}

/**
 * {@link recordSettled} inside a caller's transaction. `isServed` false gives nothing for it, whatever is free. Throws 409 `asset_busy`
 * where a payer's balance would pay and cannot be served: then nothing is spent.
 */
export async function settleWithin(
  transaction: Knex.Transaction,
  needs: ResolveNeeds,
  settlement: Settlement & { readonly isServed?: boolean },
): Promise<StoredPayment> {
  const { payment, now } = await holdPayment(transaction, settlement.paymentId);
  if (payment.status === "settled" || payment.status === "unserved") return payment;
  const quote = await quoteOf(transaction, payment);
  const wasReversed = payment.status === "reversed";
  // What it bought was taken back, and its receipt is out: it is credited, never sold a second time.
  const isServed = !wasReversed && (settlement.isServed ?? true);
  const sessionId = isServed ? await serve(transaction, needs, { payment, quote, now }) : null;
  if (sessionId === null && payment.dialect === "balance") throw new AssetBusy();
  const told = { payment, quote, transaction: settlement.transaction, at: now, sessionId };
  const receipt = await needs.receiptKey.sign(receiptClaims(needs, told));
  const resolved = await resolvePaymentRow(transaction, {
    id: payment.id,
    status: sessionId === null ? "unserved" : "settled",
    at: now,
    sessionId: sessionId ?? payment.sessionId,
    transaction: settlement.transaction,
    receipt,
    failureCode: null,
    failureDetail: null,
  });
  await tell(transaction, { payment: resolved, quote, raw: settlement.raw });
  await postSettled(transaction, needs, resolved, { wasReversed });
  return resolved;
}

/** Gives what was paid for; the session's id, or null when it cannot be given any more. */
async function serve(
  transaction: Knex.Transaction,
  needs: ResolveNeeds,
  input: { readonly payment: StoredPayment; readonly quote: StoredQuote; readonly now: Date },
): Promise<string | null> {
  const { payment, quote, now } = input;
  if (payment.gross < quote.total) return null;
  // Counted as failed, it landed all the same; another payment may have bought what the quote offered.
  if (payment.status === "failed" && (await findPaymentOfQuote(transaction, quote.id)) !== null) return null;
  if (!payment.isExtension) {
    const opened = await openSession(transaction, needs, { payment, quote, now });
    return opened === "asset_taken" ? null : opened.session.id;
  }
  if (payment.sessionId === null) return null;
  const { units, unitSeconds } = quote;
  const extension = { sessionId: payment.sessionId, units, unitSeconds, gross: payment.gross, now };
  const extended = await extendSession(transaction, extension);
  return extended === "too_late" ? null : extended.id;
}

/**
 * No tokens moved and none will. `code` is permanent and says why. Does nothing to a payment that has ended already: what was proven on
 * chain stands. Throws `payment_not_found`.
 */
export async function recordFailed(
  needs: Pick<ResolveNeeds, "database">,
  failure: { readonly paymentId: string; readonly code: string; readonly detail: string; readonly raw: JsonValue },
): Promise<StoredPayment> {
  return needs.database.transaction(async (transaction) => {
    const { payment, now } = await holdPayment(transaction, failure.paymentId);
    if (payment.resolvedAt !== null) return payment;
    const failed = await resolvePaymentRow(transaction, {
      id: payment.id,
      status: "failed",
      at: now,
      sessionId: payment.sessionId,
      transaction: null,
      receipt: null,
      failureCode: failure.code,
      failureDetail: failure.detail.slice(0, 1000),
    });
    const quote = await quoteOf(transaction, failed);
    await tell(transaction, { payment: failed, quote, raw: failure.raw });
    return failed;
  });
}

/**
 * Nobody knows yet whether tokens moved. The workflow `access-payment/<id>` is woken to look on the chain. `transaction` is the one it may
 * be, where the facilitator named one. Does nothing to a payment that has ended. Throws `payment_not_found`.
 */
export async function recordUnknown(
  needs: Pick<ResolveNeeds, "database">,
  doubt: {
    readonly paymentId: string;
    readonly transaction: string | null;
    readonly code?: string;
    readonly detail: string;
    readonly raw: JsonValue;
  },
): Promise<StoredPayment> {
  const write = (named: string | null) =>
    needs.database.transaction(async (transaction) => {
      const { payment } = await holdPayment(transaction, doubt.paymentId);
      const unknown = await markPaymentUnknown(transaction, { id: payment.id, transaction: named });
      if (unknown === null) return payment;
      const { code = "outcome_unknown", detail, raw } = doubt;
      await logPayment(transaction, { ...logOf(unknown), event: "unknown", success: null, code, detail, raw });
      if (payment.status === "submitted") await sayPending(transaction, unknown, await quoteOf(transaction, unknown));
      await raiseWake(transaction, `access-payment/${payment.id}`);
      return unknown;
    });
  try {
    return await write(doubt.transaction);
  } catch (error) {
    // A transaction that another payment has is no hint for this one.
    if (!violates(error, "access_payments_transaction")) throw error;
    return write(null);
  }
}

async function sayPending(transaction: Knex.Transaction, payment: StoredPayment, quote: StoredQuote): Promise<void> {
  await announceToMerchant(transaction, {
    merchantId: payment.merchantId,
    type: "payment.unknown",
    key: `unknown:${payment.id}`,
    data: toldOf(payment, quote),
  });
  if (!payment.isExtension || payment.sessionId === null) return;
  const data = { paymentId: payment.id, units: quote.units };
  await noteSessionEvent(transaction, { sessionId: payment.sessionId, type: "payment_pending", data });
}

/** Log, session and merchant hear how a payment ended. */
async function tell(
  transaction: Knex.Transaction,
  input: { readonly payment: StoredPayment; readonly quote: StoredQuote; readonly raw: JsonValue },
): Promise<void> {
  const { payment, quote, raw } = input;
  const { status } = payment;
  if (status !== "settled" && status !== "unserved" && status !== "failed") return;
  await logPayment(transaction, {
    ...logOf(payment),
    event: status,
    success: status !== "failed",
    code: payment.failureCode,
    detail: payment.failureDetail,
    raw,
  });
  if (payment.isExtension && payment.sessionId !== null) {
    const type = status === "settled" ? "payment_settled" : "payment_failed";
    const data = { paymentId: payment.id, units: quote.units, status, code: payment.failureCode };
    await noteSessionEvent(transaction, { sessionId: payment.sessionId, type, data });
    // A session past its end waits for its payment; it need not any more.
    if (status !== "settled") await raiseWake(transaction, `access-session/${payment.sessionId}`);
  }
  await announceToMerchant(transaction, {
    merchantId: payment.merchantId,
    type: `payment.${status}`,
    key: `${status}:${payment.id}`,
    data: toldOf(payment, quote),
  });
}

async function holdPayment(transaction: Knex.Transaction, paymentId: string) {
  const held = await lockPayment(transaction, paymentId);
  if (held === null) throw new PaymentNotFound();
  return held;
}

async function quoteOf(transaction: Knex.Transaction, payment: StoredPayment): Promise<StoredQuote> {
  const quote = await findQuote(transaction, payment.quoteId);
  if (quote === null) throw new Error("a payment lacks its quote");
  return quote;
}
