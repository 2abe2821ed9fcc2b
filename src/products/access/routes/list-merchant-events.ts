import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { success } from "../schemas.ts";
import { MERCHANT_EVENT_TYPES } from "../telling/merchant-event.ts";
import { readMerchantEvents } from "../telling/read-events.ts";
import { EventView, Limit, NumberCursor } from "../telling/schemas.ts";

const Query = z.object({
  type: z.enum(MERCHANT_EVENT_TYPES).optional(),
  limit: Limit,
  cursor: NumberCursor.optional(),
});

const Reply = success(z.array(EventView), { nextCursor: z.string().nullable() }).meta({ id: "MerchantEventPage" });

/** GET /api/v1/merchant/events [merchant key]. What the merchant was told, newest first, for at least 90 days. */
export const listMerchantEventsRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listMerchantEvents",
    summary: "List what you were told",
    tags: ["access"],
    dialect: "string",
    method: "get",
    path: "/api/v1/merchant/events",
    auth: ["merchantKey"],
    rateLimit: "api",
    query: Query,
    reply: { status: 200, schema: Reply },
    handler: async ({ query, principal }) => {
      const { type, cursor: before, limit } = query;
      const { merchantId } = principal;
      const page = await readMerchantEvents(needs, { merchantId, type, before, limit });
      const data = page.items.map((event) => ({
        id: event.id,
        type: event.type,
        data: event.data,
        occurredAt: event.occurredAt.toISOString(),
        deliveredAt: event.deliveredAt?.toISOString() ?? null,
      }));
      return { status: "success" as const, data, message: "Newest first.", nextCursor: page.nextCursor };
    },
  });
