import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { listRefundsDue } from "../fees/list-refunds-due.ts";
import { RefundDuePage, RefundDueQuery } from "../fees/refund-schemas.ts";
import { keptText } from "../schemas.ts";

const BalanceQuery = RefundDueQuery.extend({
  merchantId: keptText({ minimum: 1, maximum: 64 }).optional(),
  settlementMode: z.enum(["direct", "custodial"]).optional().meta({
    description: "custodial: what our own settlement wallet holds for payers.",
  }),
});

/** GET /admin/payers/balances [ADMIN_API_TOKEN]. What payers have left everywhere; custodial balances are ours to give back. */
export const listPayerBalancesRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listPayerBalances",
    summary: "List what payers have left at merchants",
    tags: ["access", "admin"],
    dialect: "string",
    method: "get",
    path: "/admin/payers/balances",
    aliases: ["/v1/admin/payers/balances"],
    auth: ["adminToken"],
    rateLimit: "admin",
    query: BalanceQuery,
    reply: { status: 200, schema: RefundDuePage },
    handler: ({ query }) => {
      const { cursor, limit, merchantId = null, settlementMode: mode = null } = query;
      return listRefundsDue(needs, { merchantId, mode, cursor, limit });
    },
  });
