import type { Knex } from "knex";
import { nanodollars } from "../../../money/nanodollars.ts";
import type { Asset } from "../asset.ts";
import { earningsView } from "../fees/earnings.ts";
import { selectAssetEarnings } from "../fees/earnings-store.ts";
import { type Page, toPage } from "../telling/page.ts";
import { type AssetFilter, selectAssets } from "./asset-store.ts";

const ANY = { type: null, unit: null, status: null, maximumPrice: null, offset: 0 } as const;
const ZERO = nanodollars(0n);
const NOTHING = { payments: 0, gross: ZERO, fee: ZERO, returned: ZERO, returnedFee: ZERO } as const;

/** One page of what can be rented, newest first, of every merchant that is active. */
export async function listAssets(needs: { readonly database: Knex }, filter: AssetFilter): Promise<Page<Asset>> {
  const rows = await selectAssets(needs.database, { ...filter, limit: filter.limit + 1 });
  return toPage(rows, { limit: filter.limit, cursorOf: ({ id }) => id });
}

/** One page of a merchant's own assets, newest first, with what each earned since ever. */
export async function listMerchantAssets(
  needs: { readonly database: Knex },
  input: Pick<AssetFilter, "before" | "limit"> & { readonly merchantId: string },
) {
  const { merchantId } = input;
  const { items, nextCursor } = await listAssets(needs, { ...ANY, ...input });
  const assetIds = items.map(({ id }) => id);
  const earned = await selectAssetEarnings(needs.database, { merchantId, assetIds });
  return {
    items: items.map((asset) => ({ asset, earnings: earningsView(earned.get(asset.id) ?? NOTHING) })),
    nextCursor,
  };
}
