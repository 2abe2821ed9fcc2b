import type { Knex } from "knex";
import { z } from "zod";
import { nanodollars } from "../../../money/nanodollars.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { selectAssets } from "../assets/asset-store.ts";
import { AssetView, showAsset } from "../assets/asset-view.ts";
import { earningsView } from "../fees/earnings.ts";
import { selectAssetEarnings } from "../fees/earnings-store.ts";
import { Cursor, PageLimit, success } from "../schemas.ts";
import { toPage } from "../telling/page.ts";

const ANY = { type: null, unit: null, status: null, maximumPrice: null, offset: 0 } as const;
const ZERO = nanodollars(0n);
const NOTHING = { payments: 0, gross: ZERO, fee: ZERO, returned: ZERO, returnedFee: ZERO } as const;

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
      const filter = { ...ANY, merchantId, before: query.cursor ?? null, limit: query.limit + 1 };
      const rows = await selectAssets(needs.database, filter);
      const { items, nextCursor } = toPage(rows, { limit: query.limit, cursorOf: ({ id }) => id });
      const assetIds = items.map(({ id }) => id);
      const earned = await selectAssetEarnings(needs.database, { merchantId, assetIds });
      const data = items.map((asset) => ({
        ...showAsset(asset),
        earnings: earningsView(earned.get(asset.id) ?? NOTHING),
      }));
      return { status: "success" as const, data, nextCursor, message: `${data.length} of your assets.` };
    },
  });
