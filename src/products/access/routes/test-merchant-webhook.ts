import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { success } from "../schemas.ts";
import { testMerchantWebhook } from "../telling/merchant-webhook.ts";

const Reply = success(z.object({ eventId: z.string() }), {}).meta({ id: "MerchantWebhookTest" });

/** POST /api/v1/merchant/webhook/test [merchant key]. An event of type `webhook.test`, delivered like any other. */
export const testMerchantWebhookRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "testMerchantWebhook",
    summary: "Have a test event sent to your webhook",
    tags: ["access"],
    dialect: "string",
    method: "post",
    path: "/api/v1/merchant/webhook/test",
    auth: ["merchantKey"],
    rateLimit: "api",
    idempotency: "stored",
    reply: { status: 202, schema: Reply },
    problems: ["webhook_not_set"],
    handler: async ({ principal }) => {
      const eventId = await testMerchantWebhook(needs, { merchantId: principal.merchantId });
      const message = "On its way; GET /api/v1/merchant/webhook shows what became of it.";
      return { status: 202 as const, body: { status: "success" as const, data: { eventId }, message } };
    },
  });
