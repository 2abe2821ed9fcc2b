import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { PurchaseNotFound } from "../errors.ts";
import { PurchaseParams, ShortText, WireTime } from "../schemas.ts";
import type { TopUpNeeds } from "../top-up.ts";
import { verifyTopUp } from "../top-up.ts";
import { showTopUp, TopUpReply } from "../top-up-view.ts";

const VerifyTopUpBody = z.object({ since: WireTime.optional(), tracer: ShortText.optional() });

/** POST /purchase/:id/verify-topup [customer key]. `checkout/topup` for who holds the purchase's key; the body may be left out. */
export const verifyTopupRoute = (needs: TopUpNeeds) =>
  defineRoute({
    operationId: "verifyTopup",
    summary: "Look for a top-up of a purchase",
    tags: ["purchases"],
    dialect: "string",
    method: "post",
    path: "/purchase/:id/verify-topup",
    aliases: ["/v1/purchase/:id/verify-topup"],
    auth: ["customerKey"],
    rateLimit: "customer",
    idempotency: "natural",
    params: PurchaseParams,
    body: VerifyTopUpBody,
    reply: { status: 200, schema: TopUpReply },
    problems: ["purchase_not_found"],
    handler: async ({ params, body, principal }) => {
      if (principal.purchaseId !== params.id) throw new PurchaseNotFound();
      const { checkout, ...found } = await verifyTopUp(needs, { purchaseId: params.id, since: body.since ?? null });
      return showTopUp(found, {
        tracer: body.tracer ?? checkout.tracer,
        receivingAddress: checkout.depositAddress,
      });
    },
  });
