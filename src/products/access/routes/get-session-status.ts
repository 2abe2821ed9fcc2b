import type { Knex } from "knex";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { SessionParams } from "../schemas.ts";
import { readSession } from "../sessions/read-session.ts";
import { SessionView, viewSession } from "../sessions/session-view.ts";

/** GET /api/v1/sessions/:token/status. The time that is left, by the database's clock; exempt from limits, because it is asked often. */
export const getSessionStatusRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "getSessionStatus",
    summary: "Show a session and the time it has left",
    tags: ["sessions"],
    dialect: "string",
    method: "get",
    path: "/api/v1/sessions/:token/status",
    auth: ["none"],
    params: SessionParams,
    reply: { status: 200, schema: SessionView, headers: { "Cache-Control": "Always no-store." } },
    problems: ["session_not_found"],
    handler: async ({ params }) => {
      const { session, now } = await readSession(needs, { token: params.token });
      return { status: 200 as const, body: viewSession(session, now), headers: { "Cache-Control": "no-store" } };
    },
  });
