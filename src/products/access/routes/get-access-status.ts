import type { Knex } from "knex";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { AssetParams } from "../schemas.ts";
import { readAccess } from "../sessions/read-session.ts";
import { AccessView, viewAccess } from "../sessions/session-view.ts";

/** GET /api/v1/access/:assetId/status. Whether somebody uses the asset and how long still; no token, and exempt from limits. */
export const getAccessStatusRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "getAccessStatus",
    summary: "Show whether a session is active on an asset",
    tags: ["sessions"],
    dialect: "string",
    method: "get",
    path: "/api/v1/access/:assetId/status",
    auth: ["none"],
    params: AssetParams,
    reply: { status: 200, schema: AccessView, headers: { "Cache-Control": "Always no-store." } },
    problems: ["asset_not_found"],
    handler: async ({ params }) => {
      const { session, now } = await readAccess(needs, params);
      const body = viewAccess(params.assetId, session, now);
      return { status: 200 as const, body, headers: { "Cache-Control": "no-store" } };
    },
  });
