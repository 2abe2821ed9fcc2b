import type { Knex } from "knex";
import { refundRefused } from "../../../ledger/postings/refunds.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import { requestRefundRaise } from "../outgoing/transaction-version-store.ts";
import { wakeOwnerOfDeposit } from "../sweeps/sweep-request-store.ts";
import { RefundClosed, RefundNotFound, RefundNotPossible } from "./refund-errors.ts";
import { isRefundOf, type RefundOwner } from "./refund-owner-store.ts";
import { asPostedRefund, type RefundRequestNeeds } from "./refund-requests.ts";
import {
  findRefund,
  lockRefundable,
  markConfirmedBy,
  markDepositRefunded,
  markRefundRefused,
  type Refund,
} from "./refund-store.ts";

/** Which refund an operator decides about; with `owner`, only if it is theirs: another one's is not found. */
export type RefundChoice = { readonly refundId: string; readonly owner?: RefundOwner };

/**
 * An operator vouches for a refund's destination, such as a contract whose owner said the tokens may come. Wakes the refund; the first who
 * vouched stays written down. Throws `refund_not_found`, and `refund_closed` for one that is paid or refused.
 */
export async function confirmRefundDestination(
  transaction: Knex.Transaction,
  input: RefundChoice & { readonly actor: string },
): Promise<void> {
  await readOpen(transaction, input);
  await markConfirmedBy(transaction, { id: input.refundId, actor: input.actor });
  await raiseWake(transaction, `refund/${input.refundId}`);
}

/**
 * Gives a refund up of which nothing was signed yet: its money is back where it came from by an opposite entry. Given up already, it
 * changes nothing. Throws `refund_not_possible` once something was signed, `refund_not_found`.
 */
export async function refuseRefund(
  transaction: Knex.Transaction,
  needs: RefundRequestNeeds,
  input: RefundChoice,
): Promise<Refund> {
  const refund = await readChosen(transaction, input);
  if (refund.status === "refused") return refund;
  await lockRefundable(transaction, refund.depositId);
  if (!(await markRefundRefused(transaction, refund.id))) {
    throw new RefundNotPossible(refund.depositId, "its refund is paid, or its transaction is signed already");
  }
  if (refund.account.startsWith("suspense/")) await markDepositRefunded(transaction, refund.depositId, false);
  const posted = asPostedRefund(needs.chains.find(refund.chain), refund);
  if (posted !== undefined) await needs.ledger.postIn(transaction, refundRefused(posted));
  await raiseWake(transaction, `refund/${refund.id}`);
  await wakeOwnerOfDeposit(transaction, refund.depositId);
  return { ...refund, status: "refused" };
}

/**
 * An operator's push: a refund that stands still is tried again at once, and a transaction of it that is in no block yet is offered again
 * with higher fees. Repeating is harmless. Answers how many transactions are offered again. Throws `refund_not_found`, `refund_closed`.
 */
export async function resumeRefund(
  transaction: Knex.Transaction,
  input: RefundChoice,
): Promise<{ readonly raised: number }> {
  const refund = await readOpen(transaction, input);
  const raised = await requestRefundRaise(transaction, refund.id);
  await raiseWake(transaction, `refund/${refund.id}`);
  return { raised };
}

async function readOpen(transaction: Knex.Transaction, choice: RefundChoice): Promise<Refund> {
  const refund = await readChosen(transaction, choice);
  if (refund.status !== "open") throw new RefundClosed(refund.id, refund.status);
  return refund;
}

async function readChosen(transaction: Knex.Transaction, { refundId, owner }: RefundChoice): Promise<Refund> {
  const refund = await findRefund(transaction, refundId);
  const isTheirs = owner === undefined || (await isRefundOf(transaction, refundId, owner));
  if (refund === undefined || !isTheirs) throw new RefundNotFound(refundId);
  return refund;
}
