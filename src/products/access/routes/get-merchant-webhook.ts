import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { success } from "../schemas.ts";
import { readMerchantWebhook } from "../telling/merchant-webhook.ts";
import { DeliveryView } from "../telling/schemas.ts";

const Reply = success(
  z.object({
    webhook: z.object({ host: z.string(), setAt: z.string(), refusedAt: z.string().nullable() }).nullable(),
    deliveries: z.array(DeliveryView),
  }),
  {},
).meta({ id: "MerchantWebhook" });

/** GET /api/v1/merchant/webhook [merchant key]. The host that is called and how the last deliveries went; no path, no secret. */
export const getMerchantWebhookRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "getMerchantWebhook",
    summary: "See your webhook and its last deliveries",
    tags: ["access"],
    dialect: "string",
    method: "get",
    path: "/api/v1/merchant/webhook",
    auth: ["merchantKey"],
    rateLimit: "api",
    reply: { status: 200, schema: Reply },
    handler: async ({ principal }) => {
      const data = await readMerchantWebhook(needs, { merchantId: principal.merchantId });
      const message = data.webhook === null ? "No webhook is set." : "Deliveries are newest first.";
      return { status: "success" as const, data, message };
    },
  });
