import type { Knex } from "knex";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { listPayouts } from "../fees/list-payouts.ts";
import { PayoutPage, PayoutQuery } from "../fees/schemas.ts";
import { success } from "../schemas.ts";

/** GET /api/v1/merchant/payouts [merchant key]. What a merchant in custodial mode was sent, and what is on its way. */
export const listMerchantPayoutsRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listMerchantPayouts",
    summary: "List a merchant's payouts",
    tags: ["access"],
    dialect: "string",
    method: "get",
    path: "/api/v1/merchant/payouts",
    auth: ["merchantKey"],
    rateLimit: "api",
    query: PayoutQuery,
    reply: { status: 200, schema: success(PayoutPage, {}) },
    handler: async ({ query, principal }) => {
      const { status, cursor, limit } = query;
      const data = await listPayouts(needs, { merchantId: principal.merchantId, status, cursor, limit });
      return { status: "success" as const, data, message: "Payouts were found." };
    },
  });
