import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { cancelPurchase } from "../cancel-purchase.ts";
import { PurchaseNotFound } from "../errors.ts";
import type { PurchaseCache } from "../purchase-cache.ts";
import { PurchaseParams } from "../schemas.ts";

const CancelBody = z.object({ confirm: z.boolean().optional() });

const CancelReply = z
  .object({ purchase_id: z.string(), status: z.string(), reason: z.string().nullable(), balance: z.string() })
  .meta({ id: "Cancellation" });

/**
 * POST /purchase/:id/cancel [customer key]. Deletes everything and sends back what is left; the answer is where that is. Without
 * `{"confirm": true}` it only says what would be deleted.
 */
export const cancelPurchaseRoute = (needs: { readonly database: Knex; readonly purchases: PurchaseCache }) =>
  defineRoute({
    operationId: "cancelPurchase",
    summary: "Cancel a purchase and get back what is left",
    tags: ["purchases"],
    dialect: "string",
    method: "post",
    path: "/purchase/:id/cancel",
    aliases: ["/v1/purchase/:id/cancel"],
    auth: ["customerKey"],
    rateLimit: "customer",
    idempotency: "natural",
    params: PurchaseParams,
    body: CancelBody,
    reply: { status: 202, schema: CancelReply },
    problems: ["purchase_not_found", "cancel_not_confirmed"],
    handler: async ({ params, body, principal }) => {
      if (principal.purchaseId !== params.id) throw new PurchaseNotFound();
      const cancelled = await cancelPurchase(needs, { purchaseId: params.id, isConfirmed: body.confirm === true });
      needs.purchases.forget(params.id);
      return { status: 202 as const, body: { purchase_id: params.id, ...cancelled } };
    },
  });
