import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { PurchaseNotFound } from "../errors.ts";
import { PurchaseParams, text } from "../schemas.ts";
import { readUsageResult } from "../usage-result.ts";

const UsageResultReply = z
  .object({
    event_id: z.string(),
    outcome: z.enum(["charged", "refused"]),
    billed_amount: z.string().nullable(),
    entry_id: z.string().nullable(),
    at: z.string(),
    code: z.string().nullable(),
    detail: z.string().nullable(),
  })
  .meta({ id: "UsageResult" });

/** GET /purchase/:id/usage-events/:event_id [vendor key]. What became of a usage event: a signal has no answer of its own. */
export const getUsageResultRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "getUsageResult",
    summary: "What became of a usage event",
    tags: ["purchases"],
    dialect: "string",
    method: "get",
    path: "/purchase/:id/usage-events/:event_id",
    aliases: ["/v1/purchase/:id/usage-events/:event_id"],
    auth: ["vendorKey"],
    rateLimit: "metering",
    params: PurchaseParams.extend({ event_id: text({ minimum: 1, maximum: 255 }) }),
    reply: { status: 200, schema: UsageResultReply },
    problems: ["purchase_not_found", "usage_event_not_found"],
    handler: async ({ params, principal }) => {
      if (principal.purchaseId !== params.id) throw new PurchaseNotFound();
      return readUsageResult(needs, { purchaseId: params.id, eventId: params.event_id });
    },
  });
