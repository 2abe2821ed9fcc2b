import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { success } from "../schemas.ts";
import { readPaymentLog } from "../telling/read-payments.ts";
import { FilterId, Limit, LogLineView, NumberCursor, Truth } from "../telling/schemas.ts";
import { showLogLine } from "../telling/show-payment.ts";

const Query = z.object({
  assetId: FilterId.optional(),
  paymentId: FilterId.optional(),
  success: Truth.optional(),
  limit: Limit,
  cursor: NumberCursor.optional(),
});

const Reply = success(z.array(LogLineView), { nextCursor: z.string().nullable() }).meta({ id: "PaymentLogPage" });

/**
 * GET /api/v1/merchant/payment-log [merchant key]. Everything that was tried to pay for the merchant's assets, also what never became a
 * payment, newest first. Nothing of it can be changed.
 */
export const listMerchantPaymentLogRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listMerchantPaymentLog",
    summary: "List every try to pay for your assets",
    tags: ["access"],
    dialect: "string",
    method: "get",
    path: "/api/v1/merchant/payment-log",
    auth: ["merchantKey"],
    rateLimit: "api",
    query: Query,
    reply: { status: 200, schema: Reply },
    handler: async ({ query, principal }) => {
      const { cursor: before, ...filter } = query;
      const { merchantId } = principal;
      const page = await readPaymentLog(needs, { ...filter, merchantId, before });
      const data = page.items.map(showLogLine);
      return { status: "success" as const, data, message: "Newest first.", nextCursor: page.nextCursor };
    },
  });
