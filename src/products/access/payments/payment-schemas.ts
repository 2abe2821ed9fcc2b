import { z } from "zod";
import { MAXIMUM_UNITS } from "./quotes/quotes.ts";

const Dollars = z.string().regex(/^[0-9]{1,10}(\.[0-9]{1,9})?$/, 'expected decimal dollars, such as "0.50"');

/** How much is wanted, and whether the payer's balance pays. */
export const WantedBody = z.object({
  units: z.number().int().min(1).max(MAXIMUM_UNITS).optional(),
  amount: Dollars.optional().meta({ description: "Decimal dollars, instead of units: as many as it covers." }),
  additionalAmount: Dollars.optional().meta({ description: "The same as amount. Source: seed 001's extension." }),
  payWith: z.literal("balance").optional().meta({ description: "Pay from the balance of the wallet that signs in." }),
});

/** What a payment bought; the token is shown to its payer only. */
export const Granted = z
  .object({
    status: z.literal("granted"),
    sessionToken: z.string(),
    minutesPurchased: z.number(),
    expiresAt: z.string(),
    websocketUrl: z.string(),
    sessionId: z.string(),
    assetId: z.string(),
    units: z.number().int(),
    unit: z.string(),
    paymentId: z.string(),
    transaction: z.string().nullable(),
    network: z.string(),
    receipt: z
      .string()
      .nullable()
      .meta({ description: "A compact JWS; its key is in /.well-known/receipt-keys.json." }),
    statusUrl: z.string(),
  })
  .meta({ id: "AccessGranted" });

/** The outcome is not known yet, and the payment must not be made again. */
export const Pending = z
  .object({
    status: z.literal("pending"),
    paymentId: z.string(),
    statusUrl: z.string().meta({ description: "Answers with the session's token once there is one: keep it secret." }),
    retryAfterSeconds: z.number().int(),
  })
  .meta({ id: "AccessPending" });

/** The 402's body: what clients of x402 version 1 read, and hints. */
export const PaymentRequiredReply = z
  .object({
    x402Version: z.literal(1),
    error: z.string(),
    reason: z.string(),
    accepts: z.array(z.record(z.string(), z.unknown())),
    quoteId: z.string(),
    quoteSecret: z.string(),
    units: z.number().int(),
    unit: z.string(),
    price: z.string(),
    total: z.string(),
    expiresAt: z.string(),
    hints: z.array(z.string()),
  })
  .meta({ id: "PaymentRequired" });

/** A payment as whoever has only its id sees it, or as its payer does. */
export const PaymentStatusReply = z
  .object({
    status: z.enum(["pending", "granted", "failed", "unserved", "reversed"]),
    paymentId: z.string(),
    assetId: z.string(),
    sessionId: z.string().nullable(),
    amount: z.string(),
    network: z.string(),
    transaction: z.string().nullable(),
    code: z.string().nullable(),
    detail: z.string().nullable(),
    retryAfterSeconds: z.number().int().nullable(),
    receipt: z.string().nullable(),
    sessionToken: z.string().nullable().meta({ description: "While the session lives, and for its payer only." }),
    expiresAt: z.string().nullable(),
    websocketUrl: z.string().nullable(),
    balance: z.string().nullable().meta({ description: "unserved: what became the payer's balance at the merchant." }),
  })
  .meta({ id: "AccessPaymentStatus" });
