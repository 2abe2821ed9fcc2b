import type { Knex } from "knex";
import type { Ledger } from "../../../ledger/ledger.ts";
import { accessSold, accessUnserved, balanceSpent } from "../../../ledger/postings/access.ts";
import { type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";
import { ensurePayerBalance, payerKindOf } from "../fees/payer-balances.ts";
import { feeInNanodollars } from "../fees/split.ts";
import type { StoredPayment } from "./payment-store.ts";

type PostNeeds = { readonly ledger: Ledger };

/**
 * Books a payment that ended, last in its transaction because balance rows stay locked until commit: a sale, with what was sent beyond
 * the price as the payer's balance; or all of it as the payer's balance, where it bought nothing. Keyed by the payment.
 */
export async function postSettled(
  transaction: Knex.Transaction,
  needs: PostNeeds,
  payment: StoredPayment,
): Promise<void> {
  const { id: paymentId, merchantId, settlementMode: mode, network, token, gross } = payment;
  const booked = { paymentId, merchantId, mode, network, token };
  const left = leftOf(payment);
  const total = nanodollars(gross + left);
  if (payment.status === "unserved") {
    const account = await payerAccountOf(transaction, payment);
    await needs.ledger.postIn(transaction, accessUnserved({ ...booked, account, amount: total }));
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
