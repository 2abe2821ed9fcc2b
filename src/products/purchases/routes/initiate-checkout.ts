import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import type { CheckoutNeeds, InitiatedCheckout } from "../checkout.ts";
import { initiateCheckout } from "../checkout.ts";
import { OfferMismatch, OfferNotFound } from "../errors.ts";
import { OptionalOfferParams, ShortText, text } from "../schemas.ts";
import type { Vendor } from "../vendor.ts";

const InitiateBody = z.object({
  offer_id: text({ minimum: 1, maximum: 64 }).optional(),
  checkout_flow_id: text({ minimum: 1, maximum: 128 }).optional(),
  chain: ShortText.optional(),
  token: ShortText.optional(),
  /** One address, because it becomes a mail's header; a form that was left empty says none. */
  email: z.email().max(254).or(z.literal("")).optional(),
  org_id: ShortText.optional(),
  user_id: ShortText.optional(),
  host: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional(),
  org_api_key: text({ minimum: 1, maximum: 2048 }).optional(),
  tracer: ShortText.optional(),
});

const CheckoutReply = z
  .object({
    offer_id: z.string(),
    checkout_flow_id: z.string(),
    checkout_pattern: z.literal("CRYPTO_WALLET_TOPUP"),
    checkout_session_id: z.string(),
    expires_at: z.string(),
    tracer: z.string(),
    validation_endpoint: z.string(),
    finalization_endpoint: z.string(),
    final_cta: z.string(),
    vendor_disclaimer: z.string(),
    post_payment: z.object({}),
    requirements: z.array(z.never()),
    crypto_checkout: z.object({
      receiving_address: z.string(),
      token_address: z.string(),
      token_name: z.string(),
      token_symbol: z.string(),
      token_decimals: z.number().int(),
      minimum_amount: z.string(),
      suggested_amount: z.string(),
      maximum_amount: z.string(),
      minimum_amount_decimals: z.number(),
      suggested_amount_decimals: z.number(),
      maximum_amount_decimals: z.number(),
      chain: z.string(),
      chain_explorer_url: z.string().nullable(),
      vendor_disclaimer: z.string(),
    }),
  })
  .meta({ id: "CheckoutSession" });

/** POST /checkout/initiate. A fresh deposit address for one offer; the session id in the answer is the key to everything after. */
export const initiateCheckoutRoute = (needs: CheckoutNeeds & { readonly vendor: Vendor }) =>
  defineRoute({
    operationId: "initiateCheckout",
    summary: "Start a checkout",
    tags: ["purchases"],
    dialect: "string",
    method: "post",
    path: "/checkout/initiate",
    aliases: ["/v1/checkout/initiate", "/offer/:offer_id/checkout/initiate", "/v1/offer/:offer_id/checkout/initiate"],
    auth: ["none"],
    rateLimit: "initiate",
    idempotency: "stored",
    params: OptionalOfferParams,
    body: InitiateBody,
    reply: { status: 200, schema: CheckoutReply },
    problems: [
      "offer_not_found",
      "offer_mismatch",
      "payment_method_not_accepted",
      "gas_tank_low",
      "no_deposit_address_available",
    ],
    handler: async ({ params, body }) => {
      const made = await initiateCheckout(needs, {
        offer: offerKey(params.offer_id, body),
        chain: body.chain ?? null,
        token: body.token ?? null,
        email: body.email || null,
        orgId: body.org_id ?? null,
        userId: body.user_id ?? null,
        host: body.host ?? null,
        orgApiKey: body.org_api_key ?? null,
        tracer: body.tracer ?? null,
      });
      return toReply(needs.vendor, made);
    },
  });

function offerKey(
  pathId: string | undefined,
  body: Pick<z.output<typeof InitiateBody>, "offer_id" | "checkout_flow_id">,
) {
  if (pathId !== undefined && body.offer_id !== undefined && pathId !== body.offer_id) throw new OfferMismatch();
  const id = pathId ?? body.offer_id;
  if (id !== undefined) return { id };
  if (body.checkout_flow_id !== undefined) return { checkout_flow_id: body.checkout_flow_id };
  throw new OfferNotFound();
}

function toReply(vendor: Vendor, { checkout, offer, method, sessionId }: InitiatedCheckout) {
  const { minimum_deposit, suggested_deposit, maximum_deposit } = offer.terms;
  const disclaimer = `Send only ${method.token} on ${method.chain} to this address. Network fees are yours; every confirmed deposit is credited in full.`;
  return {
    offer_id: offer.id,
    checkout_flow_id: offer.checkout_flow_id,
    checkout_pattern: "CRYPTO_WALLET_TOPUP" as const,
    checkout_session_id: sessionId,
    expires_at: checkout.expiresAt.toISOString(),
    tracer: checkout.tracer,
    validation_endpoint: `${vendor.publicUrl}/checkout/validate`,
    finalization_endpoint: `${vendor.publicUrl}/checkout/finalize`,
    final_cta: "Complete purchase",
    vendor_disclaimer: disclaimer,
    post_payment: {},
    requirements: [],
    crypto_checkout: {
      receiving_address: checkout.depositAddress,
      token_address: method.tokenAddress,
      token_name: method.tokenName,
      token_symbol: method.token,
      token_decimals: method.decimals,
      minimum_amount: minimum_deposit,
      suggested_amount: suggested_deposit,
      maximum_amount: maximum_deposit,
      minimum_amount_decimals: Number(minimum_deposit),
      suggested_amount_decimals: Number(suggested_deposit),
      maximum_amount_decimals: Number(maximum_deposit),
      chain: method.chain,
      chain_explorer_url: method.explorerUrl,
      vendor_disclaimer: disclaimer,
    },
  };
}
