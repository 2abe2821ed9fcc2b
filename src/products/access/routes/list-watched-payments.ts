import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { listWatchedPayments } from "../operators/list-watched-payments.ts";
import { Cursor, PageLimit } from "../schemas.ts";

const Query = z.object({
  status: z.enum(["unknown", "submitted", "unserved", "failed", "reversed"]).default("unknown"),
  limit: PageLimit,
  cursor: Cursor.optional(),
});

const Reply = z
  .object({
    payments: z.array(
      z.object({
        ...{ id: z.string(), status: z.string(), dialect: z.string(), merchantId: z.string(), assetId: z.string() },
        ...{ sessionId: z.string().nullable(), network: z.string(), token: z.string(), payTo: z.string() },
        ...{ payer: z.string(), amountUnits: z.string(), amount: z.string(), transaction: z.string().nullable() },
        facilitator: z.string().nullable(),
        facilitatorAnswer: z.unknown().meta({ description: "Its latest answer, word for word." }),
        ...{ code: z.string().nullable(), detail: z.string().nullable(), createdAt: z.string() },
        validUntil: z
          .string()
          .nullable()
          .meta({ description: "Until when what was signed can land, where it says so." }),
        ageSeconds: z.number(),
        needsReview: z.boolean().meta({ description: "Whether its workflow waits for people." }),
        nextAction: z.string(),
      }),
    ),
    nextCursor: z.string().nullable(),
  })
  .meta({ id: "WatchedPaymentPage" });

/** GET /admin/access/payments [ADMIN_API_TOKEN]. Payments in doubt, failed, or that bought nothing: oldest first, with what to do. */
export const listWatchedPaymentsRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listWatchedPayments",
    summary: "List payments for access that are in doubt, failed or bought nothing",
    tags: ["access", "admin"],
    dialect: "string",
    method: "get",
    path: "/admin/access/payments",
    auth: ["adminToken"],
    rateLimit: "admin",
    query: Query,
    reply: { status: 200, schema: Reply },
    handler: async ({ query }) => {
      const { status, limit, cursor = null } = query;
      const { payments, next } = await listWatchedPayments(needs.database, { status, limit, cursor });
      return { payments, nextCursor: next };
    },
  });
