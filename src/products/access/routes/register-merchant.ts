import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { FeeMember, MerchantMembers } from "../merchants/merchant-view.ts";
import { type MerchantViewNeeds, readMerchant } from "../merchants/read-merchant.ts";
import { type RegisterNeeds, registerMerchant } from "../merchants/register-merchant.ts";
import { keptText, MerchantFields, success } from "../schemas.ts";

const RegisterBody = z
  .strictObject({
    name: MerchantFields.name,
    walletAddress: MerchantFields.walletAddress.optional(),
    wallets: MerchantFields.wallets.default({}),
    refundsUnused: MerchantFields.refundsUnused.default(false),
    platformFeePercent: z
      .union([z.number(), z.string().max(32)])
      .optional()
      .meta({ description: "Taken for compatibility and never followed: the operator sets the fee." }),
    webhookUrl: keptText({ minimum: 1, maximum: 2_048 }).optional(),
  })
  .refine(({ walletAddress, wallets }) => walletAddress !== undefined || Object.keys(wallets).length > 0, {
    path: ["walletAddress"],
    message: "expected a walletAddress, or wallets by network",
  });

const Registered = success(
  z
    .object({
      ...MerchantMembers,
      ...FeeMember,
      apiKey: z.string().meta({ description: "Shown once." }),
      webhookSecret: z.string().optional().meta({ description: "Shown once: it signs what the webhookUrl is told." }),
    })
    .meta({ id: "RegisteredMerchant" }),
  { warning: z.string().optional() },
);

/** POST /api/v1/auth/register. Anybody becomes a merchant; the key in the answer is shown in its replay by Idempotency-Key and nowhere else. */
export const registerMerchantRoute = (needs: RegisterNeeds & MerchantViewNeeds) =>
  defineRoute({
    operationId: "registerMerchant",
    summary: "Register as a merchant",
    tags: ["merchants"],
    dialect: "string",
    method: "post",
    path: "/api/v1/auth/register",
    auth: ["none"],
    rateLimit: "register",
    idempotency: "stored",
    body: RegisterBody,
    reply: { status: 201, schema: Registered, headers: { "Cache-Control": "Always no-store." } },
    problems: [
      ...["network_not_offered", "wallet_refused", "token_account_missing", "rpc_unavailable", "chain_id_mismatch"],
      ...["webhook_url_refused", "outbound_address_refused"],
    ],
    handler: async ({ body }) => {
      const { merchantId, apiKey, webhookSecret } = await registerMerchant(needs, body);
      const merchant = await readMerchant(needs, { merchantId });
      const warning = warnOfFee(body.platformFeePercent, merchant.platformFeeBasisPoints);
      const reply = {
        status: "success" as const,
        data: { ...merchant, apiKey, ...(webhookSecret === null ? {} : { webhookSecret }) },
        message: "Save your API key - it will not be shown again!",
        ...(warning === null ? {} : { warning }),
      };
      return { status: 201 as const, body: reply, headers: { "Cache-Control": "no-store" } };
    },
  });

function warnOfFee(asked: number | string | undefined, basisPoints: number): string | null {
  if (asked === undefined) return null;
  const percent = basisPoints / 100;
  if (Number(asked) === percent) return null;
  return `platformFeePercent is set by the operator and was not followed: your sales pay ${percent} %.`;
}
