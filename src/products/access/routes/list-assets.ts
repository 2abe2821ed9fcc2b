import type { Knex } from "knex";
import { z } from "zod";
import { parseDollars } from "../../../money/nanodollars.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { AssetTypeText, AssetUnitText, AssetView, PriceText, showAsset } from "../assets/asset-view.ts";
import { listAssets } from "../assets/list-assets.ts";
import { Cursor, PageLimit, PageOffset, success } from "../schemas.ts";

const AssetQuery = z
  .strictObject({
    type: AssetTypeText.optional(),
    status: z.enum(["available", "occupied", "maintenance"]).optional(),
    unit: AssetUnitText.optional(),
    merchant: z.string().max(64).optional().meta({ description: "A merchantId." }),
    maxPrice: PriceText.optional().meta({ description: "The most a unit may cost, in US dollars." }),
    limit: PageLimit,
    cursor: Cursor.optional(),
    offset: PageOffset,
  })
  .refine(({ cursor, offset }) => cursor === undefined || offset === 0, {
    path: ["offset"],
    message: "expected cursor or offset, not both",
  });

/** GET /api/v1/assets. What can be rented, newest first, of every merchant that is active. */
export const listAssetsRoute = (needs: { readonly database: Knex }) =>
  defineRoute({
    operationId: "listAssets",
    summary: "List assets",
    tags: ["assets"],
    dialect: "string",
    method: "get",
    path: "/api/v1/assets",
    auth: ["none"],
    rateLimit: "catalogue",
    query: AssetQuery,
    reply: { status: 200, schema: success(z.array(AssetView), { nextCursor: z.string().nullable() }) },
    handler: async ({ query }) => {
      const { items, nextCursor } = await listAssets(needs, {
        merchantId: query.merchant ?? null,
        type: query.type ?? null,
        unit: query.unit ?? null,
        status: query.status ?? null,
        maximumPrice: query.maxPrice === undefined ? null : parseDollars(query.maxPrice),
        before: query.cursor ?? null,
        offset: query.offset,
        limit: query.limit,
      });
      const data = items.map(showAsset);
      return { status: "success" as const, data, nextCursor, message: "Newest first." };
    },
  });
