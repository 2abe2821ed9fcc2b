import { z } from "zod";
import { formatDollars } from "../../../money/nanodollars.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { success } from "../schemas.ts";
import { revokeSession } from "../sessions/revoke-session.ts";
import { SessionView, viewSession } from "../sessions/session-view.ts";
import type { StopNeeds } from "../sessions/stop-session.ts";

/** POST /api/v1/merchant/sessions/:id/revoke [merchant key]. Takes a session on one's own asset away. */
export const revokeSessionRoute = (needs: StopNeeds) =>
  defineRoute({
    operationId: "revokeSession",
    summary: "Take a session away",
    description: "What was paid for the time that is left becomes the payers' balance, unless givesBack is false.",
    tags: ["merchants", "sessions"],
    dialect: "string",
    method: "post",
    path: "/api/v1/merchant/sessions/:id/revoke",
    auth: ["merchantKey"],
    rateLimit: "api",
    params: z.object({ id: z.string().max(64) }),
    body: z.strictObject({ givesBack: z.boolean().optional() }).optional(),
    reply: { status: 200, schema: success(SessionView.extend({ returned: z.string() }), {}) },
    problems: ["session_not_found", "session_ended"],
    handler: async ({ params, body, principal }) => {
      const { session, returned } = await needs.database.transaction((transaction) =>
        revokeSession(transaction, needs, {
          sessionId: params.id,
          merchantId: principal.merchantId,
          givesBack: body?.givesBack ?? true,
        }),
      );
      const data = {
        ...viewSession(session, session.endedAt ?? session.expiresAt),
        returned: formatDollars(returned),
      };
      return { status: "success" as const, data, message: "The session is revoked and the asset free." };
    },
  });
