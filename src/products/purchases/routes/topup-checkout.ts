import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { openSession } from "../checkout.ts";
import { OptionalOfferParams, SessionId, ShortText, text, WireTime } from "../schemas.ts";
import type { TopUpNeeds } from "../top-up.ts";
import { lookForTopUp } from "../top-up.ts";
import { showTopUp, TopUpReply } from "../top-up-view.ts";

const TopUpBody = z.object({
  checkout_session_id: SessionId,
  since: WireTime.optional(),
  sweep_tokens: z
    .array(text({ maximum: 128 }))
    .max(32)
    .optional()
    .meta({ description: "Accepted and ignored: what is swept is decided by what arrived." }),
  note: text({ maximum: 1024 }).optional(),
  tracer: ShortText.optional(),
});

/**
 * POST /checkout/topup. Looks at the session's deposit address now. A question as far as money goes: a deposit is credited once, by its
 * transfer, so "nothing new" is a 200 with `success: false` and a `status`. Source: seed 000, "Routes".
 */
export const topupCheckoutRoute = (needs: TopUpNeeds) =>
  defineRoute({
    operationId: "topupCheckout",
    summary: "Look for a top-up by its checkout session",
    tags: ["purchases"],
    dialect: "string",
    method: "post",
    path: "/checkout/topup",
    aliases: ["/v1/checkout/topup", "/offer/:offer_id/checkout/topup", "/v1/offer/:offer_id/checkout/topup"],
    auth: ["none"],
    rateLimit: "checkout",
    idempotency: "natural",
    params: OptionalOfferParams,
    body: TopUpBody,
    reply: { status: 200, schema: TopUpReply },
    problems: ["checkout_not_found"],
    handler: async ({ params, body }) => {
      const sessionId = body.checkout_session_id;
      const checkout = await openSession(needs, { sessionId, offerId: params.offer_id });
      const found = await lookForTopUp(needs, { checkout, since: body.since ?? null });
      return showTopUp(found, {
        tracer: body.tracer ?? checkout.tracer,
        receivingAddress: checkout.depositAddress,
        sessionId,
      });
    },
  });
