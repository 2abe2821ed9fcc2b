import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { listStuck } from "../watch/find-stuck.ts";
import { STUCK_KINDS } from "../watch/stuck-limits.ts";

const StuckQuery = z.object({
  kind: z.enum(STUCK_KINDS).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z
    .string()
    .regex(/^stk_[0-9a-z]{1,60}$/, "expected the next_cursor of the page before")
    .optional(),
});

const StuckReply = z
  .object({
    items: z.array(
      z.object({
        id: z.string(),
        subject: z.string(),
        kind: z.string(),
        since: z.string(),
        reason: z.string(),
        detail: z.string().nullable(),
        next_action: z.string(),
        found_at: z.string(),
      }),
    ),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "StuckPage" });

/** GET /admin/stuck [ADMIN_API_TOKEN]. What stands still past its time, why, and what to do; in the order it was found. */
export const listStuckRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listStuck",
    summary: "List what is stuck",
    tags: ["purchases", "admin"],
    dialect: "string",
    method: "get",
    path: "/admin/stuck",
    aliases: ["/v1/admin/stuck"],
    auth: ["adminToken"],
    rateLimit: "admin",
    query: StuckQuery,
    reply: { status: 200, schema: StuckReply },
    handler: async ({ query }) => {
      const { items, nextCursor } = await listStuck(needs.database, query);
      return {
        items: items.map(({ since, nextAction, foundAt, ...item }) => ({
          ...item,
          since: since.toISOString(),
          next_action: nextAction,
          found_at: foundAt.toISOString(),
        })),
        next_cursor: nextCursor,
      };
    },
  });
