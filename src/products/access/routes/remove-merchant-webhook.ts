import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { success } from "../schemas.ts";
import { removeMerchantWebhook } from "../telling/merchant-webhook.ts";

const Reply = success(z.object({ removed: z.literal(true) }), {}).meta({ id: "MerchantWebhookRemoved" });

/** DELETE /api/v1/merchant/webhook [merchant key]. Nobody is called any more; the secrets are forgotten. */
export const removeMerchantWebhookRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "removeMerchantWebhook",
    summary: "Stop being told",
    tags: ["access"],
    dialect: "string",
    method: "delete",
    path: "/api/v1/merchant/webhook",
    auth: ["merchantKey"],
    rateLimit: "api",
    reply: { status: 200, schema: Reply },
    problems: ["webhook_not_set"],
    handler: async ({ principal }) => {
      await removeMerchantWebhook(needs, { merchantId: principal.merchantId });
      return {
        status: "success" as const,
        data: { removed: true as const },
        message: "Your webhook is removed. Events are still listed at /api/v1/merchant/events.",
      };
    },
  });
