import type { Knex } from "knex";
import { z } from "zod";
import type { Clock } from "../../../platform/clock.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { AssetView, showAsset } from "../assets/asset-view.ts";
import { readAssetStatus } from "../assets/read-asset-status.ts";
import { AssetParams, success } from "../schemas.ts";

const AssetStatusReply = success(
  AssetView.omit({ metadata: true, createdAt: true, updatedAt: true })
    .extend({
      isAvailable: z.boolean(),
      occupiedUntil: z.string().nullable().meta({ description: "Unless it is extended; null while nobody uses it." }),
      serverTime: z.string(),
    })
    .meta({ id: "AssetStatus" }),
  {},
);

/** GET /api/v1/assets/:assetId/status. Whether it can be had now; exempt from limits, because it is asked often. */
export const getAssetStatusRoute = (needs: { readonly database: Knex; readonly clock: Clock }) =>
  defineRoute({
    operationId: "getAssetStatus",
    summary: "Show whether an asset can be had",
    tags: ["assets"],
    dialect: "string",
    method: "get",
    path: "/api/v1/assets/:assetId/status",
    auth: ["none"],
    params: AssetParams,
    reply: { status: 200, schema: AssetStatusReply, headers: { "Cache-Control": "Always no-store." } },
    problems: ["asset_not_found"],
    handler: async ({ params }) => {
      const { asset, occupiedUntil } = await readAssetStatus(needs, params);
      const { metadata: _metadata, createdAt: _createdAt, updatedAt: _updatedAt, ...shown } = showAsset(asset);
      const data = {
        ...shown,
        isAvailable: asset.status === "available",
        occupiedUntil: occupiedUntil?.toISOString() ?? null,
        serverTime: new Date(needs.clock.now()).toISOString(),
      };
      const body = { status: "success" as const, data, message: `The asset is ${asset.status}.` };
      return { status: 200 as const, body, headers: { "Cache-Control": "no-store" } };
    },
  });
