import type { Route } from "../../../platform/http/define-route.ts";
import { deactivateMerchantRoute } from "../routes/deactivate-merchant.ts";
import { getMerchantRoute } from "../routes/get-merchant.ts";
import { regenerateMerchantKeyRoute } from "../routes/regenerate-merchant-key.ts";
import { registerMerchantRoute } from "../routes/register-merchant.ts";
import { updateMerchantRoute } from "../routes/update-merchant.ts";
import type { MerchantViewNeeds } from "./read-merchant.ts";
import type { RegisterNeeds } from "./register-merchant.ts";

/** What the endpoints of merchants need. */
export type MerchantRouteNeeds = RegisterNeeds & MerchantViewNeeds;

/** Becoming a merchant, being one, and ending it. */
export function merchantRoutes(needs: MerchantRouteNeeds): readonly Route[] {
  return [
    registerMerchantRoute(needs),
    regenerateMerchantKeyRoute(needs),
    deactivateMerchantRoute(needs),
    getMerchantRoute(needs),
    updateMerchantRoute(needs),
  ];
}
