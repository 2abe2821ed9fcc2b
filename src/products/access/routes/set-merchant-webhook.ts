import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { success } from "../schemas.ts";
import type { WebhookNeeds } from "../telling/merchant-webhook.ts";
import { setMerchantWebhook } from "../telling/merchant-webhook.ts";

const Body = z.object({ url: z.string().min(1).max(2048).meta({ description: "https, on the public internet." }) });

const Reply = success(
  z.object({
    host: z.string(),
    secret: z.string().nullable().meta({ description: "Shown only now; null when this address had one already." }),
  }),
  {},
).meta({ id: "MerchantWebhookSet" });

/** PUT /api/v1/merchant/webhook [merchant key]. Where the merchant is told; a new address gets a new secret. */
export const setMerchantWebhookRoute = (needs: WebhookNeeds) =>
  defineRoute({
    operationId: "setMerchantWebhook",
    summary: "Set where you are told",
    tags: ["access"],
    dialect: "string",
    method: "put",
    path: "/api/v1/merchant/webhook",
    auth: ["merchantKey"],
    rateLimit: "api",
    body: Body,
    reply: { status: 200, schema: Reply, headers: { "Cache-Control": "Always no-store." } },
    problems: ["webhook_url_refused", "outbound_address_refused"],
    handler: async ({ body, principal }) => {
      const data = await setMerchantWebhook(needs, { merchantId: principal.merchantId, url: body.url });
      const message =
        data.secret === null
          ? "This address was set already; its secret stays."
          : "Save the secret - it will not be shown again!";
      return {
        status: 200 as const,
        body: { status: "success" as const, data, message },
        headers: { "Cache-Control": "no-store" },
      };
    },
  });
