import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { RepairReply } from "../../../platform/repairs/repair-request.ts";
import { PayoutRepair, type PayoutRepairNeeds, repairPayout } from "../fees/repair-payout.ts";

/** POST /admin/payouts/:id/repairs [ADMIN_API_TOKEN]. The same repair as the payout workflow's Update, written down the same way. */
export const repairPayoutRoute = (needs: PayoutRepairNeeds) =>
  defineRoute({
    operationId: "repairPayout",
    summary: "Call off a payout that cannot land any more",
    tags: ["access", "admin"],
    dialect: "string",
    method: "post",
    path: "/admin/payouts/:id/repairs",
    aliases: ["/v1/admin/payouts/:id/repairs"],
    auth: ["adminToken"],
    rateLimit: "admin",
    idempotency: "natural",
    params: z.object({ id: z.string().max(64) }),
    body: PayoutRepair,
    reply: { status: 200, schema: RepairReply },
    problems: [
      "invalid_repair",
      "payout_not_found",
      "payout_not_open",
      "payout_may_land",
      "request_id_reused",
      "rpc_unavailable",
    ],
    handler: ({ params, body }) => repairPayout(needs, { payoutId: params.id, request: body }),
  });
