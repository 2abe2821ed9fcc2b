import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { success } from "../schemas.ts";
import type { WebhookNeeds } from "../telling/merchant-webhook.ts";
import { rotateMerchantSecret } from "../telling/merchant-webhook.ts";

const LONGEST_OVERLAP = 604_800;

const Body = z
  .object({
    overlapSeconds: z
      .number()
      .int()
      .min(0)
      .max(LONGEST_OVERLAP)
      .default(86_400)
      .meta({ description: "How long the old secret goes on signing beside the new one." }),
  })
  .default({ overlapSeconds: 86_400 });

const Reply = success(z.object({ secret: z.string(), oldRetiresAt: z.string() }), {}).meta({
  id: "MerchantWebhookSecret",
});

/** POST /api/v1/merchant/webhook/rotate-secret [merchant key]. A new secret; both sign while they overlap. */
export const rotateMerchantWebhookSecretRoute = (needs: WebhookNeeds) =>
  defineRoute({
    operationId: "rotateMerchantWebhookSecret",
    summary: "Replace the secret that signs your webhooks",
    tags: ["access"],
    dialect: "string",
    method: "post",
    path: "/api/v1/merchant/webhook/rotate-secret",
    auth: ["merchantKey"],
    rateLimit: "api",
    idempotency: "stored",
    body: Body,
    reply: { status: 200, schema: Reply, headers: { "Cache-Control": "Always no-store." } },
    problems: ["webhook_not_set"],
    handler: async ({ body, principal }) => {
      const { merchantId } = principal;
      const { secret, oldRetiresAt } = await rotateMerchantSecret(needs, { merchantId, ...body });
      const message = "Save the secret - it will not be shown again!";
      return {
        status: 200 as const,
        body: { status: "success" as const, data: { secret, oldRetiresAt: oldRetiresAt.toISOString() }, message },
        headers: { "Cache-Control": "no-store" },
      };
    },
  });
