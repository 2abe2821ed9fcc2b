import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { readTimeline } from "../operators/read-purchase.ts";
import { Fact, PageLimit } from "../operators/schemas.ts";
import { PurchaseParams, text } from "../schemas.ts";

const TimelineQuery = z.object({ limit: PageLimit, cursor: text({ minimum: 1, maximum: 600 }).optional() });

const TimelineReply = z
  .object({
    entries: z.array(z.object({ at: z.string(), kind: z.string(), what: z.string(), ref: z.string(), data: Fact })),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "PurchaseTimeline" });

/** GET /admin/purchases/:id/timeline [ADMIN_API_TOKEN]. Events, repairs, deposits, sweeps and refunds in one order, oldest first. */
export const getPurchaseTimelineRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "getPurchaseTimeline",
    summary: "Read what happened to a purchase",
    tags: ["purchases", "admin"],
    dialect: "string",
    method: "get",
    path: "/admin/purchases/:id/timeline",
    aliases: ["/v1/admin/purchases/:id/timeline"],
    auth: ["adminToken"],
    rateLimit: "admin",
    params: PurchaseParams,
    query: TimelineQuery,
    reply: { status: 200, schema: TimelineReply },
    problems: ["purchase_not_found"],
    handler: async ({ params, query }) => {
      const { entries, nextCursor } = await readTimeline(needs, { purchaseId: params.id, ...query });
      return { entries, next_cursor: nextCursor };
    },
  });
