import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { type MerchantKeyNeeds, regenerateKey } from "../merchants/merchant-keys.ts";
import { OverlapSeconds, success } from "../schemas.ts";

const RegenerateBody = z.strictObject({ overlapSeconds: OverlapSeconds });

/** A new key, shown once. */
export const MerchantKeyReply = success(
  z
    .object({ merchantId: z.string(), apiKey: z.string(), overlapSeconds: z.number().int() })
    .meta({ id: "RegeneratedMerchantKey" }),
  {},
);

/** POST /api/v1/auth/regenerate-key [merchant key]. A new key; older ones end at once, or after an overlap that was asked for. */
export const regenerateMerchantKeyRoute = (needs: MerchantKeyNeeds) =>
  defineRoute({
    operationId: "regenerateMerchantKey",
    summary: "Replace the merchant's key",
    tags: ["merchants"],
    dialect: "string",
    method: "post",
    path: "/api/v1/auth/regenerate-key",
    auth: ["merchantKey"],
    rateLimit: "api",
    idempotency: "stored",
    body: RegenerateBody,
    takesFormType: true,
    reply: { status: 200, schema: MerchantKeyReply, headers: { "Cache-Control": "Always no-store." } },
    problems: ["merchant_key_replaced", "merchant_inactive"],
    handler: async ({ body, principal }) => {
      const { merchantId, keyId } = principal;
      const { overlapSeconds } = body;
      const { key } = await regenerateKey(needs, { merchantId, keyId, overlapSeconds });
      const older =
        overlapSeconds === 0 ? "Older keys have ended." : `Older keys work for ${overlapSeconds} seconds more.`;
      const reply = {
        status: "success" as const,
        data: { merchantId, apiKey: key, overlapSeconds },
        message: `Save your API key - it will not be shown again! ${older}`,
      };
      return { status: 200 as const, body: reply, headers: { "Cache-Control": "no-store" } };
    },
  });
