import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { changeMerchant } from "../merchants/change-merchant.ts";
import type { WalletCheckNeeds } from "../merchants/check-wallets.ts";
import { type MerchantViewNeeds, readMerchant } from "../merchants/read-merchant.ts";
import { MerchantFields, requireChange } from "../schemas.ts";
import { OwnMerchant } from "./get-merchant.ts";

const UpdateBody = requireChange(
  z.strictObject({
    name: MerchantFields.name.optional(),
    walletAddress: MerchantFields.walletAddress.optional(),
    wallets: z
      .record(MerchantFields.network, MerchantFields.walletAddress.nullable())
      .optional()
      .meta({ description: "By network; null ends being paid on it." }),
    refundsUnused: MerchantFields.refundsUnused.optional(),
  }),
);

/** PATCH /api/v1/merchant [merchant key]. Name, wallets, whether unused time is given back. Open quotes keep the wallet they named. */
export const updateMerchantRoute = (needs: WalletCheckNeeds & MerchantViewNeeds) =>
  defineRoute({
    operationId: "updateMerchant",
    summary: "Change the merchant's name and wallets",
    tags: ["merchants"],
    dialect: "string",
    method: "patch",
    path: "/api/v1/merchant",
    auth: ["merchantKey"],
    rateLimit: "api",
    body: UpdateBody,
    reply: { status: 200, schema: OwnMerchant },
    problems: [
      ...["network_not_offered", "wallet_refused", "token_account_missing", "rpc_unavailable", "chain_id_mismatch"],
      ...["last_wallet", "merchant_inactive", "merchant_not_found"],
    ],
    handler: async ({ body, principal }) => {
      const { merchantId } = principal;
      const merchant = await changeMerchant(needs, { merchantId, change: { ...body, wallets: body.wallets ?? {} } });
      return {
        status: "success" as const,
        data: await readMerchant(needs, { merchantId: merchant.id }),
        message: "The merchant is changed. Quotes that are open keep the wallet they named.",
      };
    },
  });
