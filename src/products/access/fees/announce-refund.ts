import type { Knex } from "knex";
import { formatDollars, type Nanodollars } from "../../../money/nanodollars.ts";
import type { SettlementMode } from "../merchant.ts";
import { announceToMerchant } from "../telling/announce-to-merchant.ts";
import type { RefundReason } from "./refund-due.ts";

/**
 * Tells a merchant that it has money of a payer to give back, once per payment and reason, in the transaction that books it. Nothing where
 * we have the tokens, or there is nothing.
 */
export async function announceRefund(
  transaction: Knex.Transaction,
  refund: {
    readonly merchantId: string;
    readonly mode: SettlementMode;
    readonly paymentId: string;
    readonly payer: string;
    readonly reason: RefundReason;
    readonly amount: Nanodollars;
  },
): Promise<void> {
  const { merchantId, mode, paymentId, payer, reason, amount } = refund;
  if (mode === "custodial" || amount <= 0n) return;
  const data = { paymentId, payer, reason, amount: formatDollars(amount) };
  await announceToMerchant(transaction, { merchantId, type: "refund.due", key: `refund:${reason}:${paymentId}`, data });
}
