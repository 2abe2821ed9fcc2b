import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { newId } from "../../../platform/ids.ts";
import { RepairSignature } from "../../../platform/repairs/repair-request.ts";
import type { BillingKeyNeeds } from "../billing-keys.ts";
import { reissueCustomerKey } from "../reissue-customer-key.ts";
import { PurchaseParams } from "../schemas.ts";

const LONGEST_OVERLAP = 604_800;

const ReissueBody = z.object({
  actor: RepairSignature.actor,
  note: RepairSignature.note,
  overlap_seconds: z
    .number()
    .int()
    .min(0)
    .max(LONGEST_OVERLAP)
    .default(0)
    .meta({ description: "How long older keys go on working; 0 ends them now." }),
});

const ReissueReply = z
  .object({
    purchase_id: z.string(),
    customer_billing_api_key: z.string(),
    generation: z.number().int(),
    overlap_seconds: z.number().int(),
  })
  .meta({ id: "ReissuedCustomerKey" });

/**
 * POST /admin/purchases/:id/customer-key [ADMIN_API_TOKEN]. A new key for a customer who lost theirs: shown in this answer and in its
 * replay by Idempotency-Key, written down, and the customer is told that it was replaced.
 */
export const reissueCustomerKeyRoute = (needs: BillingKeyNeeds) =>
  defineRoute({
    operationId: "reissueCustomerKey",
    summary: "Give a customer who lost their key a new one",
    tags: ["purchases", "admin"],
    dialect: "string",
    method: "post",
    path: "/admin/purchases/:id/customer-key",
    aliases: ["/v1/admin/purchases/:id/customer-key"],
    auth: ["adminToken"],
    rateLimit: "admin",
    idempotency: "stored",
    params: PurchaseParams,
    body: ReissueBody,
    reply: { status: 200, schema: ReissueReply, headers: { "Cache-Control": "Always no-store." } },
    problems: ["purchase_not_found", "purchase_terminated"],
    handler: async ({ params, body, request }) => {
      const { actor, note, overlap_seconds: overlapSeconds } = body;
      const requestId = request.idempotencyKey ?? newId("key");
      const signed = { requestId, actor, note };
      const made = await reissueCustomerKey(needs, { purchaseId: params.id, overlapSeconds, ...signed });
      const reply = {
        purchase_id: params.id,
        customer_billing_api_key: made.key,
        generation: made.generation,
        overlap_seconds: overlapSeconds,
      };
      return { status: 200 as const, body: reply, headers: { "Cache-Control": "no-store" } };
    },
  });
