import { z } from "zod";
import { formatDollars } from "../../../money/nanodollars.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import type { CheckoutNeeds, PaymentState, ShownDeposit } from "../checkout.ts";
import { openSession, validateCheckout } from "../checkout.ts";
import { DepositView, OptionalOfferParams, SessionId, ShortText } from "../schemas.ts";

const ValidateBody = z.object({
  checkout_session_id: SessionId,
  checkout_flow_id: ShortText.optional(),
  note: z.string().max(1024).optional(),
  tracer: ShortText.optional(),
});

const ValidateReply = z
  .object({
    success: z.boolean(),
    status: z.enum(["awaiting_deposit", "observed", "underpaid", "received", "expired"]),
    message: z.string(),
    type: z.literal("CRYPTO_WALLET_TOPUP"),
    tracer: z.string(),
    checkout_session_id: z.string(),
    offer_id: z.string(),
    receiving_address: z.string(),
    confirmed: z.string(),
    observed: z.string(),
    minimum: z.string(),
    expires_at: z.string(),
    deposits: z.array(DepositView),
  })
  .meta({ id: "CheckoutValidation" });

const MESSAGES: Readonly<Record<PaymentState["status"], string>> = {
  awaiting_deposit: "No deposit has been seen yet.",
  observed: "A deposit was seen and waits for confirmations.",
  underpaid: "What arrived is below the minimum. Send the rest to the same address.",
  received: "Payment confirmed. Finalize the checkout.",
  expired: "The checkout expired without a deposit. Money that still comes to the address is credited.",
};

/** "Nothing was seen" would be a lie to somebody who sent the wrong token. */
function messageOn(status: PaymentState["status"], deposits: readonly ShownDeposit[]): string {
  const isOdd = deposits.some((deposit) => deposit.status === "suspense" || deposit.status === "reversed");
  return isOdd
    ? `${MESSAGES[status]} Not everything that arrived could be credited: see the note of each deposit.`
    : MESSAGES[status];
}

/** POST /checkout/validate. Says where the money is; a question, so "not yet" is a 200 with `success: false` and a `status`. */
export const validateCheckoutRoute = (needs: CheckoutNeeds) =>
  defineRoute({
    operationId: "validateCheckout",
    summary: "Ask whether a checkout is paid",
    tags: ["purchases"],
    dialect: "string",
    method: "post",
    path: "/checkout/validate",
    aliases: ["/v1/checkout/validate", "/offer/:offer_id/checkout/validate", "/v1/offer/:offer_id/checkout/validate"],
    auth: ["none"],
    rateLimit: "checkout",
    params: OptionalOfferParams,
    body: ValidateBody,
    reply: { status: 200, schema: ValidateReply },
    problems: ["checkout_not_found"],
    handler: async ({ params, body }) => {
      const checkout = await openSession(needs, { sessionId: body.checkout_session_id, offerId: params.offer_id });
      const payment = await validateCheckout(needs, checkout);
      const deposits = await needs.cashier.listDeposits(needs.database, checkout.depositAddressId);
      return {
        success: payment.status === "received",
        status: payment.status,
        message: messageOn(payment.status, deposits),
        type: "CRYPTO_WALLET_TOPUP" as const,
        tracer: body.tracer ?? checkout.tracer,
        checkout_session_id: body.checkout_session_id,
        offer_id: checkout.offerId,
        receiving_address: checkout.depositAddress,
        confirmed: formatDollars(payment.confirmed),
        observed: formatDollars(payment.observed),
        minimum: formatDollars(checkout.minimum),
        expires_at: checkout.expiresAt.toISOString(),
        deposits: [...deposits],
      };
    },
  });
