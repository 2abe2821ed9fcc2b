import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { RepairSignature } from "../../../platform/repairs/repair-request.ts";
import type { MerchantKeyNeeds } from "../merchants/merchant-keys.ts";
import { reissueMerchantKey } from "../merchants/reissue-key.ts";
import { MerchantParams, OverlapSeconds } from "../schemas.ts";
import { MerchantKeyReply } from "./regenerate-merchant-key.ts";

const ReissueBody = z.strictObject({
  actor: RepairSignature.actor,
  note: RepairSignature.note,
  overlapSeconds: OverlapSeconds,
});

/** POST /admin/merchants/:id/api-key [ADMIN_API_TOKEN]. A new key for a merchant that lost its own, or was activated again. */
export const reissueMerchantKeyRoute = (needs: MerchantKeyNeeds) =>
  defineRoute({
    operationId: "reissueMerchantKey",
    summary: "Give a merchant that lost its key a new one",
    tags: ["merchants", "admin"],
    dialect: "string",
    method: "post",
    path: "/admin/merchants/:id/api-key",
    aliases: ["/v1/admin/merchants/:id/api-key"],
    auth: ["adminToken"],
    rateLimit: "admin",
    idempotency: "stored",
    params: MerchantParams,
    body: ReissueBody,
    reply: { status: 200, schema: MerchantKeyReply, headers: { "Cache-Control": "Always no-store." } },
    problems: ["merchant_not_found", "merchant_inactive"],
    handler: async ({ params, body }) => {
      const { actor, note, overlapSeconds } = body;
      const { key } = await reissueMerchantKey(needs, { merchantId: params.id, overlapSeconds, actor, note });
      const reply = {
        status: "success" as const,
        data: { merchantId: params.id, apiKey: key, overlapSeconds },
        message: "Hand it to the merchant: it will not be shown again.",
      };
      return { status: 200 as const, body: reply, headers: { "Cache-Control": "no-store" } };
    },
  });
