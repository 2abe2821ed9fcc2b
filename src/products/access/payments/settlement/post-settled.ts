import type { Knex } from "knex";
import type { Ledger } from "../../../../ledger/ledger.ts";
import { accessSold, accessUnserved, balanceSpent } from "../../../../ledger/postings/access.ts";
import { type Nanodollars, nanodollars } from "../../../../money/nanodollars.ts";
import { announceRefund } from "../../fees/announce-refund.ts";
import { ensurePayerBalance, payerKindOf } from "../../fees/payer-balances.ts";
import { feeInNanodollars } from "../../fees/split.ts";
import type { StoredPayment } from "../payment-store.ts";

type PostNeeds = { readonly ledger: Ledger };

/**
 * The keys under which a payment may have been posted: when it was taken, what of it was given back, and when it came again after it
 * had been reversed.
 */
export function postingKeys({ id, sessionId }: Pick<StoredPayment, "id" | "sessionId">): readonly string[] {
  const returned = sessionId === null ? [] : [`access-returned:${sessionId}:${id}`];
  return [...returned, againKey(id), `access-payment:${id}`];
}

/** Its first posting was reversed, and its key stays used. */
function againKey(id: string): string {
  return `access-payment:${id}:again`;
}

/**
 * Books a payment that ended, last in its transaction because balance rows stay locked until commit: a sale, with what was sent beyond
 * the price as the payer's balance; or all of it as the payer's balance, where it bought nothing. Keyed by the payment. `wasReversed`:
 * it was posted before, and taken back.
 */
export async function postSettled(
  transaction: Knex.Transaction,
  needs: PostNeeds,
  payment: StoredPayment,
  { wasReversed }: { readonly wasReversed: boolean } = { wasReversed: false },
): Promise<void> {
  const { id: paymentId, merchantId, settlementMode: mode, network, token, gross } = payment;
  const booked = { paymentId, merchantId, mode, network, token };
  const refund = { paymentId, merchantId, mode, payer: payment.payer };
  const left = leftOf(payment);
  const total = nanodollars(gross + left);
  if (payment.status === "unserved") {
    const account = await payerAccountOf(transaction, payment);
    await announceRefund(transaction, { ...refund, reason: "unserved_payment", amount: total });
    const draft = accessUnserved({ ...booked, account, amount: total });
    await needs.ledger.postIn(transaction, wasReversed ? { ...draft, idempotencyKey: againKey(paymentId) } : draft);
    return;
  }
  const fee = feeInNanodollars(payment);
  if (payment.dialect === "balance") {
    const account = await payerAccountOf(transaction, payment);
    const spent = balanceSpent({ paymentId, merchantId, mode, account, gross, fee });
    if (spent !== null) await needs.ledger.postIn(transaction, spent);
    return;
  }
  const beyond = left === 0n ? {} : { left: { account: await payerAccountOf(transaction, payment), amount: left } };
  await announceRefund(transaction, { ...refund, reason: "overpaid", amount: left });
  const draft = accessSold({ ...booked, gross, fee, ...beyond });
  if (draft !== null) await needs.ledger.postIn(transaction, draft);
}

// The token's units are worth what they are in the price.
function leftOf(payment: Pick<StoredPayment, "gross" | "amountUnits" | "leftUnits">): Nanodollars {
  return nanodollars((payment.leftUnits * payment.gross) / payment.amountUnits);
}

function payerAccountOf(transaction: Knex.Transaction, payment: StoredPayment) {
  const { merchantId, settlementMode: mode, payer: address } = payment;
  return ensurePayerBalance(transaction, { merchantId, mode, kind: payerKindOf(address), address });
}
