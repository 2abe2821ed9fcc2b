import { z } from "zod";
import { formatDollars } from "../../../money/nanodollars.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { SessionParams } from "../schemas.ts";
import { SessionView, viewSession } from "../sessions/session-view.ts";
import type { StopNeeds } from "../sessions/stop-session.ts";
import { stopSession } from "../sessions/stop-session.ts";

const StoppedSession = SessionView.extend({
  returned: z.string().meta({ description: "What became your balance at the merchant, in US dollars." }),
}).meta({ id: "StoppedAccessSession" });

/** DELETE /api/v1/sessions/:token. Its holder gives the session back early. The same again answers the state it is in. */
export const stopSessionRoute = (needs: StopNeeds) =>
  defineRoute({
    operationId: "stopSession",
    summary: "Stop a session before its time",
    tags: ["sessions"],
    dialect: "string",
    method: "delete",
    path: "/api/v1/sessions/:token",
    auth: ["none"],
    rateLimit: "catalogue",
    params: SessionParams,
    reply: { status: 200, schema: StoppedSession },
    problems: ["session_not_found"],
    handler: async ({ params }) => {
      const { session, returned } = await stopSession(needs, { token: params.token });
      return { ...viewSession(session, session.endedAt ?? session.expiresAt), returned: formatDollars(returned) };
    },
  });
