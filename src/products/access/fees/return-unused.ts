import type { Knex } from "knex";
import type { Ledger } from "../../../ledger/ledger.ts";
import { unusedTimeReturned } from "../../../ledger/postings/access.ts";
import { type Nanodollars, nanodollars, ZERO } from "../../../money/nanodollars.ts";
import { announceRefund } from "./announce-refund.ts";
import { ensurePayerBalance, payerAccount, payerKindOf } from "./payer-balances.ts";
import { insertReturn, type PaidPart, selectPaidParts, sumReturned } from "./return-store.ts";
import { feeInNanodollars } from "./split.ts";

/** What of one payment is given back, and our fee on it. */
export type ReturnedPart = { readonly payment: PaidPart; readonly amount: Nanodollars; readonly fee: Nanodollars };

/**
 * Gives unused time of a session back as balance of whoever paid for it, once per session, in the caller's transaction: the last payments
 * first, each to its own payer and in its own mode. Whether the merchant allows it is the caller's to know. Answers what was given back,
 * which a second call only reads. Post last: the balance rows stay locked until the transaction ends.
 */
export async function returnUnused(
  transaction: Knex.Transaction,
  needs: { readonly ledger: Pick<Ledger, "postIn"> },
  input: { readonly sessionId: string; readonly amount: Nanodollars; readonly now: Date },
): Promise<Nanodollars> {
  const { sessionId, amount, now } = input;
  const before = await sumReturned(transaction, sessionId);
  if (before > 0n) return nanodollars(before);
  let returned = 0n;
  for (const part of inLockOrder(shareUnused(await selectPaidParts(transaction, sessionId), amount))) {
    const { payment, fee } = part;
    const { merchantId, payer: address, mode, paymentId } = payment;
    const account = await ensurePayerBalance(transaction, payerOf(part));
    await insertReturn(transaction, { sessionId, merchantId, paymentId, amount: part.amount, fee, now });
    await announceRefund(transaction, {
      ...{ merchantId, mode, paymentId, payer: address },
      ...{ reason: "unused_time", amount: part.amount },
    });
    const draft = unusedTimeReturned({ sessionId, paymentId, merchantId, mode, account, amount: part.amount, fee });
    if (draft !== null) await needs.ledger.postIn(transaction, draft);
    returned += part.amount;
  }
  return nanodollars(returned);
}

// Each part locks its payer's balance until commit, and two sessions may have the same payers: everybody goes by the accounts' names.
function inLockOrder(parts: readonly ReturnedPart[]): readonly ReturnedPart[] {
  const named = parts.map((part) => ({ part, account: payerAccount(payerOf(part)) }));
  const sorted = named.toSorted(
    (one, other) => Number(one.account > other.account) - Number(one.account < other.account),
  );
  return sorted.map(({ part }) => part);
}

function payerOf({ payment: { merchantId, payer: address, mode } }: ReturnedPart) {
  return { merchantId, kind: payerKindOf(address), address, mode };
}

/** Takes the amount from the payments in the order given, none giving back more than it paid. The fee of a part is rounded down. Pure. */
export function shareUnused(payments: readonly PaidPart[], amount: Nanodollars): readonly ReturnedPart[] {
  let left: bigint = amount;
  return payments.flatMap((payment) => {
    const part = nanodollars(left < payment.gross ? left : payment.gross);
    left -= part;
    return part > ZERO ? [{ payment, amount: part, fee: feeInNanodollars(payment, part) }] : [];
  });
}
