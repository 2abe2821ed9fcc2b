import type { Route } from "../../../platform/http/define-route.ts";
import { type CreateAssetNeeds, createAssetRoute } from "../routes/create-asset.ts";
import { getAssetStatusRoute } from "../routes/get-asset-status.ts";
import { listAssetsRoute } from "../routes/list-assets.ts";
import { listMerchantAssetsRoute } from "../routes/list-merchant-assets.ts";
import { listPayableResourcesRoute } from "../routes/list-payable-resources.ts";
import { setAssetPriceRoute } from "../routes/set-asset-price.ts";
import { updateAssetRoute } from "../routes/update-asset.ts";

/** Everything about assets: the public list, and what merchants do with their own. */
export function assetRoutes(needs: CreateAssetNeeds & { readonly publicUrl: string }): readonly Route[] {
  return [
    listAssetsRoute(needs),
    getAssetStatusRoute(needs),
    createAssetRoute(needs),
    updateAssetRoute(needs),
    setAssetPriceRoute(needs),
    listMerchantAssetsRoute(needs),
    listPayableResourcesRoute(needs),
  ];
}
