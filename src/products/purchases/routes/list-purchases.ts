import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { listPurchases } from "../operators/list-purchases.ts";
import { PageLimit, Switch } from "../operators/schemas.ts";
import { text } from "../schemas.ts";

const STATUSES = [
  ...["provisioning", "active", "low", "critical", "suspended", "grace", "terminating", "terminated"],
  ...["refunding", "stuck"],
] as const;

const ListQuery = z.object({
  status: z.enum(STATUSES).optional(),
  stuck: Switch.meta({ description: "Only purchases whose workflow stands still." }),
  needs_attention: Switch.meta({ description: "Stuck, or with a sweep that is, or with a deposit in suspense." }),
  search: text({ minimum: 1, maximum: 256 })
    .meta({ description: "An id, a deposit address, or the beginning of an id, organisation, user or e-mail address." })
    .optional(),
  limit: PageLimit,
  cursor: z
    .string()
    .regex(/^pur_[0-9a-z]{1,60}$/, "expected the next_cursor of the page before")
    .optional(),
});

const Stuck = z.object({
  step: z.string(),
  code: z.string(),
  reason: z.string(),
  next_action: z.string(),
  since: z.string(),
});

const ListReply = z
  .object({
    purchases: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        kind: z.string(),
        offer_id: z.string(),
        status: z.string(),
        status_since: z.string(),
        balance: z.string().nullable(),
        grace_ends_at: z.string().nullable(),
        created_at: z.string(),
        org_id: z.string().nullable(),
        user_id: z.string().nullable(),
        email: z.string().nullable(),
        needs_attention: z.boolean(),
        stuck: Stuck.nullable(),
        workflow_id: z.string(),
      }),
    ),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "PurchasePage" });

/** GET /admin/purchases [ADMIN_API_TOKEN]. Purchases, newest first, with what is stuck; reads Postgres, never a workflow. */
export const listPurchasesRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listPurchases",
    summary: "List purchases",
    tags: ["purchases", "admin"],
    dialect: "string",
    method: "get",
    path: "/admin/purchases",
    aliases: ["/v1/admin/purchases"],
    auth: ["adminToken"],
    rateLimit: "admin",
    query: ListQuery,
    reply: { status: 200, schema: ListReply },
    handler: async ({ query }) => {
      const { purchases, nextCursor } = await listPurchases(needs, {
        status: query.status,
        isStuck: query.stuck,
        needsAttention: query.needs_attention,
        search: query.search,
        before: query.cursor,
        limit: query.limit,
      });
      return { purchases, next_cursor: nextCursor };
    },
  });
