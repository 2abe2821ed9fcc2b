import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import type { BillingKeyNeeds } from "../billing-keys.ts";
import { rotateBillingKey } from "../billing-keys.ts";
import { KeyReplaced, PurchaseNotFound } from "../errors.ts";
import { PurchaseParams } from "../schemas.ts";

const SHORTEST_OVERLAP = 60;
const LONGEST_OVERLAP = 604_800;

const RotateBody = z.object({
  overlap_seconds: z
    .number()
    .int()
    .min(SHORTEST_OVERLAP)
    .max(LONGEST_OVERLAP)
    .default(300)
    .meta({ description: "How long older keys go on working; long enough to ask again for an answer that was lost." }),
});

const CustomerKeyReply = z
  .object({
    purchase_id: z.string(),
    customer_billing_api_key: z.string(),
    generation: z.number().int(),
    overlap_seconds: z.number().int(),
    message: z.string(),
  })
  .meta({ id: "CustomerKey" });

/**
 * POST /purchase/:id/customer-key/rotate [customer key]. A new key, shown in this answer and in its replay by Idempotency-Key, nowhere
 * else. A key that was itself replaced cannot rotate, so who found an old one cannot lock the customer out.
 */
export const rotateCustomerKeyRoute = (needs: BillingKeyNeeds) =>
  defineRoute({
    operationId: "rotateCustomerKey",
    summary: "Replace the customer key",
    tags: ["purchases"],
    dialect: "string",
    method: "post",
    path: "/purchase/:id/customer-key/rotate",
    aliases: ["/v1/purchase/:id/customer-key/rotate"],
    auth: ["customerKey"],
    rateLimit: "customer",
    idempotency: "stored",
    params: PurchaseParams,
    body: RotateBody,
    reply: { status: 200, schema: CustomerKeyReply, headers: { "Cache-Control": "Always no-store." } },
    problems: ["purchase_not_found", "purchase_terminated", "key_replaced"],
    handler: async ({ params, body, principal, request }) => {
      if (principal.purchaseId !== params.id) throw new PurchaseNotFound();
      if (principal.isReplaced) throw new KeyReplaced();
      const { key, generation } = await rotateBillingKey(needs, {
        ...{ purchaseId: params.id, kind: "customer" },
        overlapSeconds: body.overlap_seconds,
        requestKey: request.idempotencyKey ?? null,
      });
      const reply = {
        purchase_id: params.id,
        customer_billing_api_key: key,
        generation,
        overlap_seconds: body.overlap_seconds,
        message: `Keep this key: it is not shown again. Older keys work for ${body.overlap_seconds} seconds more.`,
      };
      return { status: 200 as const, body: reply, headers: { "Cache-Control": "no-store" } };
    },
  });
