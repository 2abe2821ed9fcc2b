import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import type { CheckoutNeeds } from "../checkout.ts";
import { openSession } from "../checkout.ts";
import type { FinalizedPurchase } from "../finalize.ts";
import { awaitProvisioned, finalizeCheckout } from "../finalize.ts";
import { priceLine } from "../offers.ts";
import { OptionalOfferParams, SessionId, ShortText, text } from "../schemas.ts";
import type { Vendor } from "../vendor.ts";

const PROVISIONING_WAIT_MS = 5_000;

const FinalizeBody = z.object({
  checkout_session_id: SessionId,
  checkout_flow_id: ShortText.optional(),
  officex_purchase_id: ShortText.optional(),
  proxy_buyer_data: z
    .object({
      org_id: ShortText.optional(),
      org_host: text({ maximum: 2048 }).optional(),
      user_id: ShortText.optional(),
    })
    .optional(),
  note: z.string().max(1024).optional(),
  tracer: ShortText.optional(),
});

const FinalizeReply = z
  .object({
    success: z.literal(true),
    message: z.string(),
    status: z.string(),
    tracer: z.string(),
    receipt: z.object({
      purchase_id: z.string(),
      officex_purchase_id: z.string().nullable(),
      customer_billing_api_key: z.string().nullable(),
      status: z.string(),
      offer_id: z.string(),
      title: z.string(),
      pricing: z.string(),
      billing_url: z.string(),
      credentials_url: z.string(),
      support_url: z.string().nullable(),
      vendor_id: z.string(),
      vendor_name: z.string(),
      vendor_disclaimer: z.string(),
    }),
  })
  .meta({ id: "FinalizedCheckout" });

/**
 * POST /checkout/finalize. 200 with the receipt when the product is there within five seconds, 202 while it is being provisioned. The
 * same session always gets the same purchase; the customer key is shown for 24 hours after the sale.
 */
export const finalizeCheckoutRoute = (needs: CheckoutNeeds & { readonly vendor: Vendor }) =>
  defineRoute({
    operationId: "finalizeCheckout",
    summary: "Turn a paid checkout into a purchase",
    tags: ["purchases"],
    dialect: "string",
    method: "post",
    path: "/checkout/finalize",
    aliases: ["/v1/checkout/finalize", "/offer/:offer_id/checkout/finalize", "/v1/offer/:offer_id/checkout/finalize"],
    auth: ["none"],
    rateLimit: "checkout",
    idempotency: "natural",
    params: OptionalOfferParams,
    body: FinalizeBody,
    replies: [
      { status: 200, schema: FinalizeReply, description: "Provisioned." },
      {
        status: 202,
        schema: FinalizeReply,
        description: "Paid and being provisioned; ask billing_url.",
        headers: { "Retry-After": "Seconds to wait." },
      },
    ],
    problems: ["checkout_not_found", "checkout_expired", "payment_not_confirmed"],
    handler: async ({ params, body }) => {
      const checkout = await openSession(needs, { sessionId: body.checkout_session_id, offerId: params.offer_id });
      const { org_id = null, org_host = null, user_id = null } = body.proxy_buyer_data ?? {};
      const made = await finalizeCheckout(needs, {
        checkout,
        officexPurchaseId: body.officex_purchase_id ?? null,
        buyer: { orgId: org_id, orgHost: org_host, userId: user_id },
      });
      const purchase = await awaitProvisioned(needs, { purchase: made.purchase, waitMs: PROVISIONING_WAIT_MS });
      const reply = toReply(needs.vendor, { ...made, purchase }, body.tracer ?? checkout.tracer);
      if (purchase.status === "provisioning")
        return { status: 202 as const, body: reply, headers: { "Retry-After": "2" } };
      return { status: 200 as const, body: reply };
    },
  });

function toReply(vendor: Vendor, { purchase, customerKey }: FinalizedPurchase, tracer: string) {
  const billingUrl = `${vendor.publicUrl}/purchase/${purchase.id}`;
  const message = purchase.status === "provisioning" ? "Paid. The product is being provisioned." : "Purchase complete.";
  return {
    success: true as const,
    message:
      customerKey === null
        ? `${message} The customer key was shown when it was bought and is not shown again.`
        : message,
    status: purchase.status,
    tracer,
    receipt: {
      purchase_id: purchase.id,
      officex_purchase_id: purchase.officexPurchaseId,
      customer_billing_api_key: customerKey,
      status: purchase.status,
      offer_id: purchase.offerId,
      title: purchase.title,
      pricing: priceLine(purchase.terms),
      billing_url: billingUrl,
      credentials_url: `${billingUrl}/credentials`,
      support_url: vendor.supportUrl,
      vendor_id: vendor.id,
      vendor_name: vendor.name,
      vendor_disclaimer:
        "Keep the customer key: it reads the credentials and the balance, and it is not shown after 24 hours.",
    },
  };
}
