import { z } from "zod";

/** What a payer has left at a merchant, and why. Dollars are decimal strings. */
const RefundDueView = z
  .object({
    id: z.string(),
    merchantId: z.string(),
    payer: z.string(),
    settlementMode: z.enum(["direct", "custodial"]),
    amount: z.string(),
    since: z.string().nullable(),
    causes: z.array(
      z.object({
        paymentId: z.string(),
        reason: z.enum(["unserved_payment", "overpaid", "unused_time"]),
        network: z.string(),
        amount: z.string(),
        at: z.string(),
      }),
    ),
  })
  .meta({ id: "PayerRefundDue" });

/** Which page of payers' balances. */
export const RefundDueQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z
    .string()
    .regex(/^due_[0-9a-f]{32}$/, "expected the nextCursor of the page before")
    .optional(),
});

/** A page of payers' balances. */
export const RefundDuePage = z.object({ refunds: z.array(RefundDueView), nextCursor: z.string().nullable() });

/** A refund that was proven; `amount` is what of the balance it paid. */
export const PayerRefundView = z
  .object({
    id: z.string(),
    payer: z.string(),
    network: z.string(),
    token: z.string(),
    transaction: z.string(),
    amount: z.string(),
    amountUnits: z.string(),
  })
  .meta({ id: "PayerRefund" });
