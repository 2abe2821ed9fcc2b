import { formatDollars, type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";
import type { SettlementMode } from "../merchant.ts";

/** Why a payer has a balance: tokens that bought nothing, more than the price, or time that was not used. */
export type RefundReason = "unserved_payment" | "overpaid" | "unused_time";

/** What one payment added to a payer's balance. `payer` is in its chain's canonical spelling, `payTo` the wallet that has the tokens. */
export type RefundCause = {
  readonly paymentId: string;
  readonly payer: string;
  readonly payTo: string;
  readonly network: string;
  readonly reason: RefundReason;
  readonly amount: Nanodollars;
  readonly at: Date;
};

/** What a payer has at a merchant. `id` names it in URLs; direct: the merchant has its tokens, custodial: we have. */
export type PayerDue = {
  readonly id: string;
  readonly account: string;
  readonly merchantId: string;
  readonly mode: SettlementMode;
  readonly kind: "evm" | "solana";
  readonly payer: string;
  readonly amount: Nanodollars;
};

/**
 * What a balance is still made of, the newest first: what was spent or given back was the oldest of it. The last cause may have added more
 * than is left of it. Pure.
 */
export function causesOf(due: Pick<PayerDue, "amount">, causes: readonly RefundCause[]): readonly RefundCause[] {
  const newest = [...causes].sort((one, other) => other.at.getTime() - one.at.getTime());
  let explained = 0n;
  return newest.filter((cause) => {
    if (explained >= due.amount) return false;
    explained += cause.amount;
    return true;
  });
}

/** A due refund as the wire shows it; dollars are decimal strings, `since` is when the oldest of it became due. */
export function refundDueView(due: PayerDue, causes: readonly RefundCause[]) {
  return {
    id: due.id,
    merchantId: due.merchantId,
    payer: causes[0]?.payer ?? due.payer,
    settlementMode: due.mode,
    amount: formatDollars(due.amount),
    since: causes.at(-1)?.at.toISOString() ?? null,
    causes: causes.map(({ paymentId, reason, amount, at, network }) => ({
      ...{ paymentId, reason, network },
      amount: formatDollars(amount),
      at: at.toISOString(),
    })),
  };
}

/** The lesser of what came and what is due: nobody's balance goes below zero by a gift. Pure. */
export function refundedPart(came: Nanodollars, due: Nanodollars): Nanodollars {
  return nanodollars(came < due ? came : due);
}
