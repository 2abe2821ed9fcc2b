import type { Knex } from "knex";
import { z } from "zod";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { AssetView, showAsset } from "../assets/asset-view.ts";
import { listMerchantAssets } from "../assets/list-assets.ts";
import { Cursor, PageLimit, success } from "../schemas.ts";

const OwnAsset = AssetView.extend({
  earnings: z
    .object({
      payments: z.number().int(),
      gross: z.string(),
      fee: z.string(),
      net: z.string(),
      returned: z.string(),
      returnedFee: z.string(),
      earned: z.string(),
    })
    .meta({ description: "Since ever, in US dollars: what was paid, our fee, and what was given back of both." }),
}).meta({ id: "MerchantAsset" });

/** GET /api/v1/merchant/assets [merchant key]. The merchant's own assets, newest first, with what each has earned. */
export const listMerchantAssetsRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listMerchantAssets",
    summary: "List the merchant's assets with their earnings",
    tags: ["merchants", "assets"],
    dialect: "string",
    method: "get",
    path: "/api/v1/merchant/assets",
    auth: ["merchantKey"],
    rateLimit: "api",
    query: z.strictObject({ limit: PageLimit, cursor: Cursor.optional() }),
    reply: { status: 200, schema: success(z.array(OwnAsset), { nextCursor: z.string().nullable() }) },
    handler: async ({ query, principal }) => {
      const { merchantId } = principal;
      const page = { merchantId, before: query.cursor ?? null, limit: query.limit };
      const { items, nextCursor } = await listMerchantAssets(needs, page);
      const data = items.map(({ asset, earnings }) => ({ ...showAsset(asset), earnings }));
      return { status: "success" as const, data, nextCursor, message: "Newest first." };
    },
  });
