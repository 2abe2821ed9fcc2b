import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { RepairReply } from "../../../platform/repairs/repair-request.ts";
import type { SessionRepairNeeds } from "../sessions/repair-session.ts";
import { repairSession, SessionRepair } from "../sessions/repair-session.ts";

/** POST /admin/sessions/:id/repairs [ADMIN_API_TOKEN]. The same repairs as the session workflow's Updates, written down the same way. */
export const repairSessionRoute = (needs: SessionRepairNeeds) =>
  defineRoute({
    operationId: "repairSession",
    summary: "Give a session time, or take it away",
    tags: ["sessions", "admin"],
    dialect: "string",
    method: "post",
    path: "/admin/sessions/:id/repairs",
    auth: ["adminToken"],
    rateLimit: "admin",
    idempotency: "natural",
    params: z.object({ id: z.string().max(64) }),
    body: SessionRepair,
    reply: { status: 200, schema: RepairReply },
    problems: ["invalid_repair", "session_not_found", "session_ended", "request_id_reused"],
    handler: ({ params, body }) => repairSession(needs, { sessionId: params.id, request: body }),
  });
