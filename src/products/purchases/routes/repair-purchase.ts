import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { InvalidRepair } from "../../../platform/repairs/errors.ts";
import { RepairReply, RepairSignature } from "../../../platform/repairs/repair-request.ts";
import type { RepairNeeds } from "../repairs/perform-repair.ts";
import { performRepair, REPAIRS } from "../repairs/perform-repair.ts";
import { PurchaseParams, text } from "../schemas.ts";

const RepairBody = z
  .looseObject({
    action: z.enum(REPAIRS.map(({ action }) => action)),
    requestId: RepairSignature.requestId.optional(),
    actor: RepairSignature.actor,
    note: RepairSignature.note,
    dryRun: z.boolean().meta({ description: "Check and answer, then take everything back." }).optional(),
    step: text({ maximum: 100 }).meta({ description: "skipStep: the name of the step that is stuck." }).optional(),
    depositId: text({ maximum: 64 }).meta({ description: "reassignDeposit, resumeSweep, refund." }).optional(),
    refundId: text({ maximum: 64 }).meta({ description: "confirmRefund, refuseRefund, resumeSweep." }).optional(),
    until: text({ maximum: 64 }).meta({ description: "extendGrace: the new end of grace, ISO 8601." }).optional(),
    confirm: text({ maximum: 64 }).meta({ description: "terminateNow: the purchase id, once more." }).optional(),
    amount: text({ maximum: 32 }).meta({ description: "refund: US dollars; absent for all of it." }).optional(),
  })
  .meta({ id: "RepairRequest" });

/**
 * POST /admin/purchases/:id/repairs [ADMIN_API_TOKEN]. The same repairs as the purchase workflow's Updates, written down the same way: one
 * request id is one repair, whichever door it comes through. The Idempotency-Key is the request id when the body has none.
 */
export const repairPurchaseRoute = (needs: RepairNeeds) =>
  defineRoute({
    operationId: "repairPurchase",
    summary: "Repair a purchase",
    tags: ["purchases", "admin"],
    dialect: "string",
    method: "post",
    path: "/admin/purchases/:id/repairs",
    aliases: ["/v1/admin/purchases/:id/repairs"],
    auth: ["adminToken"],
    rateLimit: "admin",
    idempotency: "natural",
    params: PurchaseParams,
    body: RepairBody,
    reply: { status: 200, schema: RepairReply },
    problems: [
      ...["invalid_repair", "purchase_not_found", "repair_not_allowed", "not_stuck", "request_id_reused"],
      ...["nothing_to_refund", "deposit_not_found", "deposit_not_assignable", "refund_not_possible"],
      ...["insufficient_funds", "refund_not_found", "refund_closed"],
    ],
    handler: ({ params, body, request }) => {
      const requestId = requireRequestId(body.requestId, request.idempotencyKey);
      return performRepair(needs, { purchaseId: params.id, request: { ...body, requestId } });
    },
  });

/** The request id of a repair: its own member, or the Idempotency-Key. Throws {@link InvalidRepair} without one, or when both are there and differ. */
export function requireRequestId(inBody: string | undefined, inHeader: string | undefined): string {
  const requestId = inBody ?? inHeader;
  const refuse = (message: string) => new InvalidRepair([{ path: "requestId", message }]);
  if (requestId === undefined) throw refuse("send a requestId, or the same as Idempotency-Key");
  if (inHeader !== undefined && inHeader !== requestId) throw refuse("requestId and Idempotency-Key differ");
  return requestId;
}
