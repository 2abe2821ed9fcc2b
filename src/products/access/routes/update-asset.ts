import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { AssetFields, showAsset } from "../assets/asset-view.ts";
import { changeAsset } from "../assets/change-asset.ts";
import { AssetParams, requireChange } from "../schemas.ts";
import { OneAsset } from "./create-asset.ts";

const UpdateBody = requireChange(z.strictObject(AssetFields).partial());

/** PATCH /api/v1/assets/:assetId, and /api/v1/merchant/assets/:assetId [merchant key]. Only these members can be written. */
export const updateAssetRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "updateAsset",
    summary: "Change an asset",
    description: "A session that runs keeps its time, and an open quote its price. Metadata is replaced as a whole.",
    tags: ["assets"],
    dialect: "string",
    method: "patch",
    path: "/api/v1/assets/:assetId",
    aliases: ["/api/v1/merchant/assets/:assetId"],
    auth: ["merchantKey"],
    rateLimit: "api",
    params: AssetParams,
    body: UpdateBody,
    takesFormType: true,
    reply: { status: 200, schema: OneAsset },
    problems: ["asset_not_found", "session_length_invalid", "metadata_too_large"],
    handler: async ({ params, body, principal }) => {
      const { merchantId } = principal;
      const asset = await changeAsset(needs, { merchantId, assetId: params.assetId, change: body });
      return { status: "success" as const, data: showAsset(asset), message: "The asset is changed." };
    },
  });
