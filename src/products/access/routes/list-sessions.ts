import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { Cursor, PageLimit } from "../schemas.ts";
import { listSessionPage } from "../sessions/list-sessions.ts";
import { SessionView } from "../sessions/session-view.ts";

const Query = z.strictObject({
  merchantId: z.string().max(200).optional(),
  assetId: z.string().max(200).optional(),
  status: z.enum(["active", "expired", "stopped", "revoked"]).optional(),
  limit: PageLimit,
  cursor: Cursor.optional(),
});

/** GET /admin/sessions [ADMIN_API_TOKEN]. Sessions, newest first, with the workflow that follows each; never a token. */
export const listSessionsRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listSessions",
    summary: "List sessions",
    tags: ["sessions", "admin"],
    dialect: "string",
    method: "get",
    path: "/admin/sessions",
    auth: ["adminToken"],
    rateLimit: "admin",
    query: Query,
    reply: {
      status: 200,
      schema: z
        .object({
          sessions: z.array(
            SessionView.extend({
              ...{ merchantId: z.string(), payer: z.string(), network: z.string(), workflowId: z.string() },
            }),
          ),
          nextCursor: z.string().nullable(),
        })
        .meta({ id: "AccessSessionPage" }),
    },
    handler: async ({ query }) => {
      const { items, nextCursor } = await listSessionPage(needs, {
        merchantId: query.merchantId ?? null,
        assetId: query.assetId ?? null,
        status: query.status ?? null,
        before: query.cursor ?? null,
        limit: query.limit,
      });
      const sessions = items.map((session) => ({ ...session, workflowId: `access-session/${session.sessionId}` }));
      return { sessions, nextCursor };
    },
  });
