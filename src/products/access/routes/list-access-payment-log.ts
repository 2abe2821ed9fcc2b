import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { readPaymentLog } from "../telling/read-payments.ts";
import { FilterId, Limit, NumberCursor, Truth, WholeLogLineView } from "../telling/schemas.ts";
import { showWholeLogLine } from "../telling/show-payment.ts";

const Query = z.object({
  merchantId: FilterId.optional(),
  assetId: FilterId.optional(),
  paymentId: FilterId.optional(),
  event: FilterId.optional(),
  success: Truth.optional(),
  limit: Limit,
  cursor: NumberCursor.optional(),
});

const Reply = z
  .object({ lines: z.array(WholeLogLineView), nextCursor: z.string().nullable() })
  .meta({ id: "OperatorPaymentLogPage" });

/** GET /admin/access/payment-log [ADMIN_API_TOKEN]. The payment log with what facilitators answered, newest first. */
export const listAccessPaymentLogRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listAccessPaymentLog",
    summary: "List the payment log",
    tags: ["access", "admin"],
    dialect: "string",
    method: "get",
    path: "/admin/access/payment-log",
    auth: ["adminToken"],
    rateLimit: "admin",
    query: Query,
    reply: { status: 200, schema: Reply },
    handler: async ({ query }) => {
      const { cursor: before, ...filter } = query;
      const page = await readPaymentLog(needs, { ...filter, before });
      return { lines: page.items.map(showWholeLogLine), nextCursor: page.nextCursor };
    },
  });
