import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { WireMoment } from "../fees/schemas.ts";
import { success } from "../schemas.ts";
import { readPayments } from "../telling/read-payments.ts";
import { FilterId, Limit, PaymentCursor, PaymentStatusText, PaymentView } from "../telling/schemas.ts";
import { showPayment } from "../telling/show-payment.ts";

const Query = z.object({
  status: PaymentStatusText.optional(),
  assetId: FilterId.optional(),
  from: WireMoment.optional().meta({ description: "Created then or later." }),
  to: WireMoment.optional().meta({ description: "Created before then." }),
  limit: Limit,
  cursor: PaymentCursor.optional(),
});

const Reply = success(z.array(PaymentView), { nextCursor: z.string().nullable() }).meta({ id: "MerchantPaymentPage" });

/** GET /api/v1/merchant/payments [merchant key]. Every payment for the merchant's assets, failed and unknown ones too, newest first. */
export const listMerchantPaymentsRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listMerchantPayments",
    summary: "List payments for your assets",
    tags: ["access"],
    dialect: "string",
    method: "get",
    path: "/api/v1/merchant/payments",
    auth: ["merchantKey"],
    rateLimit: "api",
    query: Query,
    reply: { status: 200, schema: Reply },
    handler: async ({ query, principal }) => {
      const { cursor: before, to: until, ...filter } = query;
      const { merchantId } = principal;
      const page = await readPayments(needs, { ...filter, merchantId, until, before });
      const data = page.items.map(showPayment);
      return { status: "success" as const, data, message: "Newest first.", nextCursor: page.nextCursor };
    },
  });
