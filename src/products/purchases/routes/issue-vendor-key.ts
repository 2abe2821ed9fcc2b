import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import type { BillingKeyNeeds } from "../billing-keys.ts";
import { rotateBillingKey, showVendorKey } from "../billing-keys.ts";
import { PurchaseParams } from "../schemas.ts";

const LONGEST_OVERLAP = 604_800;

const VendorKeyBody = z.object({
  rotate: z.boolean().default(false).meta({ description: "Make a new key instead of showing the newest." }),
  overlap_seconds: z
    .number()
    .int()
    .min(0)
    .max(LONGEST_OVERLAP)
    .default(300)
    .meta({ description: "Of a rotation: how long older keys go on working; 0 ends them now." }),
});

const VendorKeyReply = z
  .object({ purchase_id: z.string(), vendor_billing_api_key: z.string(), generation: z.number().int() })
  .meta({ id: "VendorKey" });

/**
 * POST /admin/purchases/:id/vendor-key [ADMIN_API_TOKEN]. The key a metering server reports this purchase's usage with: the newest, or
 * with `rotate` a new one that works beside the older ones for a while.
 */
export const issueVendorKeyRoute = (needs: BillingKeyNeeds) =>
  defineRoute({
    operationId: "issueVendorKey",
    summary: "Show or rotate the vendor key of a purchase",
    tags: ["purchases", "admin"],
    dialect: "string",
    method: "post",
    path: "/admin/purchases/:id/vendor-key",
    aliases: ["/v1/admin/purchases/:id/vendor-key"],
    auth: ["adminToken"],
    rateLimit: "admin",
    idempotency: "stored",
    params: PurchaseParams,
    body: VendorKeyBody,
    reply: { status: 200, schema: VendorKeyReply, headers: { "Cache-Control": "Always no-store." } },
    problems: ["purchase_not_found", "purchase_terminated"],
    handler: async ({ params, body, request }) => {
      const { key, generation } = body.rotate
        ? await rotateBillingKey(needs, {
            ...{ purchaseId: params.id, kind: "vendor" },
            overlapSeconds: body.overlap_seconds,
            requestKey: request.idempotencyKey ?? null,
          })
        : await showVendorKey(needs, { purchaseId: params.id });
      const reply = { purchase_id: params.id, vendor_billing_api_key: key, generation };
      return { status: 200 as const, body: reply, headers: { "Cache-Control": "no-store" } };
    },
  });
