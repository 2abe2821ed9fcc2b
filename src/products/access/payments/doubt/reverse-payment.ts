import type { Knex } from "knex";
import type { JsonValue } from "../../../../errors.ts";
import type { Ledger } from "../../../../ledger/ledger.ts";
import { reversePostedIn } from "../../../../ledger/reverse-entry.ts";
import { lockAsset } from "../../assets/asset-store.ts";
import { PaymentNotFound } from "../../errors.ts";
import { readDatabaseTime } from "../../sessions/session-store.ts";
import { takeTimeBack } from "../../sessions/take-time-back.ts";
import { announceToMerchant } from "../../telling/announce-to-merchant.ts";
import { logPayment } from "../payment-log-store.ts";
import { findPayment, type StoredPayment } from "../payment-store.ts";
import { findQuote } from "../quotes/quote-store.ts";
import { postingKeys } from "../settlement/post-settled.ts";
import { logOf, toldOf } from "../settlement/told-payment.ts";
import { markPaymentReversed } from "./reversal-store.ts";

/** What reversing needs. */
export type ReverseNeeds = { readonly database: Knex; readonly ledger: Pick<Ledger, "postIn"> };

/**
 * A payment that counted is gone from the chain and can land no more, as the chain itself proved: that proof is the caller's. In one
 * transaction its time is taken back, the payment is `reversed`, the merchant told, and whatever was posted under its key is reversed. Does
 * nothing to a payment that does not count, so it may be called any number of times. Throws `payment_not_found`, and
 * `insufficient_funds` where the payer's balance it gave was spent: nothing is changed then, and people have to decide who bears it.
 */
export async function reversePayment(
  needs: ReverseNeeds,
  input: { readonly paymentId: string; readonly code: string; readonly detail: string; readonly raw: JsonValue },
): Promise<StoredPayment> {
  return needs.database.transaction(async (transaction) => {
    const found = await requirePayment(transaction, input.paymentId);
    await lockAsset(transaction, found.assetId);
    const payment = await requirePayment(transaction, found.id);
    const isCounted = payment.status === "settled" || payment.status === "unserved";
    if (!isCounted || payment.dialect === "balance") return payment;
    await markPaymentReversed(transaction, { id: payment.id, code: input.code, detail: input.detail });
    const reversed = await requirePayment(transaction, payment.id);
    await takeBack(transaction, { payment, code: input.code });
    await tell(transaction, { payment: reversed, raw: input.raw });
    const reason = `${payment.transaction} vanished from ${payment.network}`;
    for (const idempotencyKey of postingKeys(payment))
      await reversePostedIn(transaction, needs, { idempotencyKey, reason });
    return reversed;
  });
}

async function takeBack(
  transaction: Knex.Transaction,
  { payment, code }: { readonly payment: StoredPayment; readonly code: string },
): Promise<void> {
  if (payment.status !== "settled" || payment.sessionId === null) return;
  const { units, unitSeconds } = await requireQuote(transaction, payment);
  const now = await readDatabaseTime(transaction);
  const { sessionId, gross } = payment;
  await takeTimeBack(transaction, { sessionId, units, unitSeconds, gross, code, now });
}

async function tell(
  transaction: Knex.Transaction,
  { payment, raw }: { readonly payment: StoredPayment; readonly raw: JsonValue },
): Promise<void> {
  const { failureCode: code, failureDetail: detail } = payment;
  await logPayment(transaction, { ...logOf(payment), event: "reversed", success: false, code, detail, raw });
  await announceToMerchant(transaction, {
    merchantId: payment.merchantId,
    type: "payment.reversed",
    key: `reversed:${payment.id}`,
    data: toldOf(payment, await requireQuote(transaction, payment)),
  });
}

async function requireQuote(transaction: Knex.Transaction, payment: StoredPayment) {
  const quote = await findQuote(transaction, payment.quoteId);
  if (quote === null) throw new Error("a payment lacks its quote");
  return quote;
}

async function requirePayment(transaction: Knex.Transaction, id: string): Promise<StoredPayment> {
  const payment = await findPayment(transaction, id);
  if (payment === null) throw new PaymentNotFound();
  return payment;
}
