import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { RepairReply, RepairSignature } from "../../../platform/repairs/repair-request.ts";
import type { RepairNeeds } from "../repairs/perform-repair.ts";
import { DEPOSIT_REPAIRS, repairDeposit } from "../repairs/repair-deposit.ts";
import { text } from "../schemas.ts";
import { requireRequestId } from "./repair-purchase.ts";

const DepositParams = z.object({ id: text({ minimum: 1, maximum: 64 }).meta({ description: "A deposit id." }) });

const DepositRepairBody = z
  .looseObject({
    action: z.enum(DEPOSIT_REPAIRS),
    requestId: RepairSignature.requestId.optional(),
    actor: RepairSignature.actor,
    note: RepairSignature.note,
    dryRun: z.boolean().meta({ description: "Check and answer, then take everything back." }).optional(),
    purchaseId: text({ maximum: 64 }).meta({ description: "reassignDeposit: whose it shall be." }).optional(),
    refundId: text({ maximum: 64 }).meta({ description: "confirmRefund, refuseRefund, resumeSweep." }).optional(),
  })
  .meta({ id: "DepositRepairRequest" });

/**
 * POST /admin/deposits/:id/repairs [ADMIN_API_TOKEN]. Repairs of one deposit of GET /admin/suspense, also of one that belongs to no
 * purchase. Where a purchase has it, the repair is that purchase's: same audit, same answer.
 */
export const repairDepositRoute = (needs: RepairNeeds) =>
  defineRoute({
    operationId: "repairDeposit",
    summary: "Repair a deposit, such as one in suspense",
    tags: ["purchases", "admin"],
    dialect: "string",
    method: "post",
    path: "/admin/deposits/:id/repairs",
    aliases: ["/v1/admin/deposits/:id/repairs"],
    auth: ["adminToken"],
    rateLimit: "admin",
    idempotency: "natural",
    params: DepositParams,
    body: DepositRepairBody,
    reply: { status: 200, schema: RepairReply },
    problems: [
      ...["invalid_repair", "deposit_not_found", "purchase_not_found", "repair_not_allowed", "request_id_reused"],
      ...["deposit_not_assignable", "refund_not_possible", "refund_not_found", "refund_closed", "insufficient_funds"],
    ],
    handler: ({ params, body, request }) => {
      const requestId = requireRequestId(body.requestId, request.idempotencyKey);
      return repairDeposit(needs, { depositId: params.id, request: { ...body, requestId } });
    },
  });
