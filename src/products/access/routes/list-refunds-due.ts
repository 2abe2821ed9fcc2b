import type { Knex } from "knex";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { listRefundsDue } from "../fees/list-refunds-due.ts";
import { RefundDuePage, RefundDueQuery } from "../fees/refund-schemas.ts";
import { success } from "../schemas.ts";

/** GET /api/v1/merchant/refunds-due [merchant key]. Payers' money that the merchant has in its own wallets, and why. */
export const listRefundsDueRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listRefundsDue",
    summary: "List what payers are to be given back",
    description:
      "Payers may also spend it on more time. Send it from a wallet that you are paid at, then report the transaction.",
    tags: ["access"],
    dialect: "string",
    method: "get",
    path: "/api/v1/merchant/refunds-due",
    auth: ["merchantKey"],
    rateLimit: "api",
    query: RefundDueQuery,
    reply: { status: 200, schema: success(RefundDuePage, {}) },
    handler: async ({ query, principal }) => {
      const { cursor, limit } = query;
      const data = await listRefundsDue(needs, { merchantId: principal.merchantId, mode: "direct", cursor, limit });
      return { status: "success" as const, data, message: "Refunds that are due were found." };
    },
  });
