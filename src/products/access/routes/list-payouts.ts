import type { Knex } from "knex";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { listPayouts } from "../fees/list-payouts.ts";
import { PayoutPage, PayoutQuery } from "../fees/schemas.ts";
import { keptText } from "../schemas.ts";

/** GET /admin/payouts [ADMIN_API_TOKEN]. Payouts of every merchant, newest first; `status=open` is what is on its way or stands still. */
export const listPayoutsRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listPayouts",
    summary: "List payouts to merchants",
    tags: ["access", "admin"],
    dialect: "string",
    method: "get",
    path: "/admin/payouts",
    aliases: ["/v1/admin/payouts"],
    auth: ["adminToken"],
    rateLimit: "admin",
    query: PayoutQuery.extend({ merchantId: keptText({ minimum: 1, maximum: 200 }).optional() }),
    reply: { status: 200, schema: PayoutPage },
    handler: ({ query }) => {
      const { merchantId = null, status, cursor, limit } = query;
      return listPayouts(needs, { merchantId, status, cursor, limit });
    },
  });
