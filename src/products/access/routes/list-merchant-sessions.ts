import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { Cursor, PageLimit, success } from "../schemas.ts";
import { listSessionPage } from "../sessions/list-sessions.ts";
import { SessionView } from "../sessions/session-view.ts";

const Query = z.strictObject({
  assetId: z.string().max(200).optional(),
  status: z.enum(["active", "expired", "stopped", "revoked"]).optional(),
  limit: PageLimit,
  cursor: Cursor.optional(),
});

/** GET /api/v1/merchant/sessions [merchant key]. The sessions on the merchant's assets, newest first; never a token. */
export const listMerchantSessionsRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listMerchantSessions",
    summary: "List the sessions on the merchant's assets",
    tags: ["merchants", "sessions"],
    dialect: "string",
    method: "get",
    path: "/api/v1/merchant/sessions",
    auth: ["merchantKey"],
    rateLimit: "api",
    query: Query,
    reply: {
      status: 200,
      schema: success(z.array(SessionView.extend({ payer: z.string(), network: z.string() })), {
        nextCursor: z.string().nullable(),
      }),
    },
    handler: async ({ query, principal }) => {
      const { items, nextCursor } = await listSessionPage(needs, {
        merchantId: principal.merchantId,
        assetId: query.assetId ?? null,
        status: query.status ?? null,
        before: query.cursor ?? null,
        limit: query.limit,
      });
      const data = items.map(({ merchantId: _merchantId, ...own }) => own);
      return { status: "success" as const, data, nextCursor, message: "Newest first." };
    },
  });
