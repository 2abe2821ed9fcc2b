import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { AssetFields, showAsset } from "../assets/asset-view.ts";
import { changeAsset } from "../assets/change-asset.ts";
import { AssetParams } from "../schemas.ts";
import { OneAsset } from "./create-asset.ts";

/** PATCH /api/v1/assets/:assetId/price [merchant key]. The next quote has the new price; open ones keep theirs. */
export const setAssetPriceRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "setAssetPrice",
    summary: "Change an asset's price",
    tags: ["assets"],
    dialect: "string",
    method: "patch",
    path: "/api/v1/assets/:assetId/price",
    auth: ["merchantKey"],
    rateLimit: "api",
    params: AssetParams,
    body: z.strictObject({ pricePerUnit: AssetFields.pricePerUnit }),
    takesFormType: true,
    reply: { status: 200, schema: OneAsset },
    problems: ["asset_not_found"],
    handler: async ({ params, body, principal }) => {
      const { merchantId } = principal;
      const asset = await changeAsset(needs, { merchantId, assetId: params.assetId, change: body });
      return { status: "success" as const, data: showAsset(asset), message: "The price is changed." };
    },
  });
