import { z } from "zod";
import { keptText } from "../schemas.ts";
import { MERCHANT_EVENT_TYPES } from "./merchant-event.ts";

/** Members of a page. */
export const Limit = z.coerce.number().int().min(1).max(200).default(50);

/** Where a list by number continues. */
export const NumberCursor = z.string().regex(/^[1-9][0-9]{0,17}$/, "expected the nextCursor of the page before");

/** Where a list of payments continues. */
export const PaymentCursor = z.string().regex(/^[a-z]+_[0-9a-z]{1,60}$/, "expected the nextCursor of the page before");

/** The states a payment may be in. */
export const PaymentStatusText = z.enum(["submitted", "unknown", "settled", "failed", "unserved", "reversed"]);

/** An id in a filter: an unknown one finds nothing. */
export const FilterId = keptText({ minimum: 1, maximum: 200 });

/** A payment as its merchant reads it. Amounts are decimal strings; `...Units` are base units of the token. */
export const PaymentView = z
  .object({
    id: z.string(),
    quoteId: z.string(),
    assetId: z.string(),
    isExtension: z.boolean(),
    sessionId: z.string().nullable(),
    dialect: z.enum(["v1", "v2", "pay2", "balance"]),
    status: PaymentStatusText,
    network: z.string(),
    token: z.string(),
    payTo: z.string(),
    payer: z.string(),
    amount: z.string(),
    fee: z.string(),
    net: z.string(),
    amountUnits: z.string(),
    feeUnits: z.string(),
    netUnits: z.string(),
    facilitator: z.string().nullable(),
    transaction: z.string().nullable(),
    failureCode: z.string().nullable(),
    failureDetail: z.string().nullable(),
    receipt: z.string().nullable().meta({ description: "Compact JWS; its key is in /.well-known/receipt-keys.json." }),
    createdAt: z.string(),
    resolvedAt: z.string().nullable(),
  })
  .meta({ id: "MerchantPayment" });

/** A line of the payment log. */
export const LogLineView = z
  .object({
    number: z.string(),
    paymentId: z.string().nullable(),
    quoteId: z.string().nullable(),
    merchantId: z.string(),
    assetId: z.string(),
    sessionId: z.string().nullable(),
    event: z.string(),
    success: z.boolean().nullable(),
    network: z.string().nullable(),
    token: z.string().nullable(),
    transaction: z.string().nullable(),
    payer: z.string().nullable(),
    amountUnits: z.string().nullable(),
    code: z.string().nullable(),
    detail: z.string().nullable(),
    facilitator: z.string().nullable(),
    occurredAt: z.string(),
  })
  .meta({ id: "PaymentLogLine" });

/** The same with the facilitator's own answer, for operators. */
export const WholeLogLineView = LogLineView.extend({ facilitatorResponse: z.unknown() }).meta({
  id: "OperatorPaymentLogLine",
});

/** What a merchant was told. */
export const EventView = z
  .object({
    id: z.string(),
    type: z.enum(MERCHANT_EVENT_TYPES),
    data: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
    occurredAt: z.string(),
    deliveredAt: z.string().nullable(),
  })
  .meta({ id: "MerchantEvent" });

/** One try to deliver an event. */
export const DeliveryView = z.object({
  eventId: z.string(),
  attempt: z.number().int(),
  destination: z.string().nullable(),
  outcome: z.string(),
  status: z.number().int().nullable(),
  detail: z.string().nullable(),
  attemptedAt: z.string(),
  nextTryAt: z.string().nullable(),
});

/** A yes or no as a query spells it. */
export const Truth = z.enum(["true", "false"]).transform((text) => text === "true");
