import type { Knex } from "knex";
import type { AccountName } from "../../ledger/chart-of-accounts.ts";
import { accounts } from "../../ledger/chart-of-accounts.ts";
import type { Nanodollars } from "../../money/nanodollars.ts";
import { add, formatDollars, nanodollars, parseDollars, ZERO } from "../../money/nanodollars.ts";
import { findCheckout } from "./checkout-store.ts";
import type { LifecycleFacts } from "./lifecycle.ts";
import { isEnding } from "./lifecycle.ts";
import { announce } from "./notices/announce.ts";
import type { OfferTerms } from "./offers.ts";
import type { Purchase } from "./purchase-store.ts";
import type { Remainder } from "./remainder-store.ts";
import { closeRemainderRow, findLatestRemainder, insertRemainder } from "./remainder-store.ts";

/** One part of a remainder for the sender of one deposit: on its way, there, or given up by an operator and in the balance again. */
export type RemainderRefund = {
  readonly id: string;
  readonly amount: Nanodollars;
  readonly status: "open" | "paid" | "refused";
};

/**
 * Sends up to `amount` of an account back to whoever paid it in, and takes it from the account in the same transaction. Asked again with
 * the same key it moves nothing and answers how far its refunds are. Fewer or none come back where no deposit can carry them.
 */
export type RefundRemainder = (
  transaction: Knex.Transaction,
  input: {
    readonly key: string;
    readonly account: AccountName;
    readonly depositAddressId: string;
    readonly amount: Nanodollars;
  },
) => Promise<readonly RemainderRefund[]>;

/** What giving a remainder back needs; left out where the server has no way to send anything, and then it stays in the balance. */
export type RemainderNeeds = { readonly refundRemainder?: RefundRemainder };

const SMALLEST_REFUND = parseDollars("0.1");

/** The least that is sent back: below it the gas would eat what it carries. The offer's terms may say another. Pure. */
export function smallestRefund(terms: Pick<OfferTerms, "smallest_refund">): Nanodollars {
  return terms.smallest_refund === undefined ? SMALLEST_REFUND : parseDollars(terms.smallest_refund);
}

/**
 * How it stands with what is left of a purchase that has ended: closes the remainder whose refunds have all arrived and tells the
 * customer, then says whether enough is left to send back. What an earlier remainder had to keep is not tried again by itself.
 */
export async function settleRemainder(
  needs: RemainderNeeds,
  transaction: Knex.Transaction,
  input: { readonly purchase: Purchase; readonly available: Nanodollars },
): Promise<LifecycleFacts["remainder"]> {
  const { purchase, available } = input;
  if (needs.refundRemainder === undefined || !isEnding(purchase.status)) return "none";
  let latest = await findLatestRemainder(transaction, purchase.id);
  if (latest?.status === "open") {
    const refunds = await needs.refundRemainder(transaction, requestOf(latest));
    if (refunds.some(({ status }) => status === "open")) return "under_way";
    latest = await closeRemainder(transaction, latest, sumOf(refunds.filter(({ status }) => status === "paid")));
  }
  const fresh = available - (latest?.kept ?? ZERO);
  return fresh >= smallestRefund(purchase.terms) ? "refundable" : "none";
}

/**
 * Asks for the refund of everything that is left, once per round, and tells the customer how much is on its way and how much stays.
 * Inside the transaction that holds the purchase and its balance.
 */
export async function sendRemainder(
  needs: RemainderNeeds,
  transaction: Knex.Transaction,
  input: { readonly purchase: Purchase; readonly available: Nanodollars },
): Promise<void> {
  const { purchase, available } = input;
  if ((await settleRemainder(needs, transaction, input)) !== "refundable" || needs.refundRemainder === undefined)
    return;
  const checkout = await findCheckout(transaction, { id: purchase.checkoutId });
  if (checkout === null) throw new Error(`purchase ${purchase.id} has no checkout`);
  const round = ((await findLatestRemainder(transaction, purchase.id))?.round ?? 0) + 1;
  const request = { purchaseId: purchase.id, round, depositAddressId: checkout.depositAddressId, amount: available };
  const refunds = await needs.refundRemainder(transaction, requestOf(request));
  const refunded = sumOf(refunds);
  const kept = nanodollars(available - refunded);
  await insertRemainder(transaction, { ...request, refunded, kept, status: refunds.length === 0 ? "done" : "open" });
  await announce(transaction, {
    purchaseId: purchase.id,
    type: "purchase.refunding",
    key: `refunding:${round}`,
    data: { amount: formatDollars(refunded), refunds: refunds.length, kept: formatDollars(kept) },
  });
}

function requestOf(remainder: Pick<Remainder, "purchaseId" | "round" | "depositAddressId" | "amount">) {
  return {
    key: `remainder:${remainder.purchaseId}:${remainder.round}`,
    account: accounts.purchase(remainder.purchaseId),
    depositAddressId: remainder.depositAddressId,
    amount: remainder.amount,
  };
}

/** What operators gave up is in the balance again and counts as kept: it is not sent once more by itself. */
async function closeRemainder(
  transaction: Knex.Transaction,
  remainder: Remainder,
  refunded: Nanodollars,
): Promise<Remainder> {
  const kept = nanodollars(remainder.amount - refunded);
  const closed = { ...remainder, refunded, kept, status: "done" } as const;
  await closeRemainderRow(transaction, closed);
  await announce(transaction, {
    purchaseId: remainder.purchaseId,
    type: "purchase.refunded",
    key: `refunded:${remainder.round}`,
    data: { amount: formatDollars(refunded), kept: formatDollars(kept) },
  });
  return closed;
}

function sumOf(refunds: readonly RemainderRefund[]): Nanodollars {
  return add(ZERO, ...refunds.map(({ amount }) => amount));
}
