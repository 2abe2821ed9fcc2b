import { z } from "zod";
import type { X402Network } from "../../../integrations/x402/networks.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { newId } from "../../../platform/ids.ts";
import { RepairSignature } from "../../../platform/repairs/repair-request.ts";
import { showMerchant } from "../merchants/merchant-view.ts";
import { setMerchantTerms, type TermsNeeds } from "../merchants/set-terms.ts";
import { MerchantFields, MerchantParams, success } from "../schemas.ts";
import { MerchantRecord } from "./list-merchants.ts";

const TERMS = ["feeBasisPoints", "settlementMode", "isActive", "refundsUnused"];

const TermsBody = z
  .strictObject({
    feeBasisPoints: z.number().int().min(0).max(10_000).nullable().optional().meta({
      description: "The merchant's own rate in hundredths of a per cent; null leaves it to the tiers by volume.",
    }),
    settlementMode: z.enum(["direct", "custodial"]).optional(),
    isActive: z.boolean().optional(),
    refundsUnused: MerchantFields.refundsUnused.optional(),
    actor: RepairSignature.actor,
    note: RepairSignature.note,
    requestId: RepairSignature.requestId.optional(),
  })
  .refine((body) => Object.keys(body).some((name) => TERMS.includes(name)), `expected one of ${TERMS.join(", ")}`);

/** PATCH /admin/merchants/:id [ADMIN_API_TOKEN]. What only the operator decides, written down with who and why. */
export const setMerchantTermsRoute = (needs: TermsNeeds & { readonly x402Networks: readonly X402Network[] }) =>
  defineRoute({
    operationId: "setMerchantTerms",
    summary: "Set a merchant's fee, settlement and whether it sells",
    tags: ["merchants", "admin"],
    dialect: "string",
    method: "patch",
    path: "/admin/merchants/:id",
    aliases: ["/v1/admin/merchants/:id"],
    auth: ["adminToken"],
    rateLimit: "admin",
    idempotency: "natural",
    params: MerchantParams,
    body: TermsBody,
    reply: { status: 200, schema: success(MerchantRecord, {}) },
    problems: ["merchant_not_found", "settlement_wallet_missing", "request_id_reused"],
    handler: async ({ params, body, request }) => {
      const { actor, note, requestId = request.idempotencyKey ?? newId("req"), ...terms } = body;
      const merchant = await setMerchantTerms(needs, { merchantId: params.id, terms, requestId, actor, note });
      const data = { ...showMerchant(needs.x402Networks, merchant), feeBasisPoints: merchant.feeBasisPoints };
      return { status: "success" as const, data, message: "The terms are set. Quotes that are open keep theirs." };
    },
  });
