import type { Route } from "../../../platform/http/define-route.ts";
import { deactivateMerchantRoute } from "../routes/deactivate-merchant.ts";
import { getMerchantRoute } from "../routes/get-merchant.ts";
import { listMerchantsRoute } from "../routes/list-merchants.ts";
import { regenerateMerchantKeyRoute } from "../routes/regenerate-merchant-key.ts";
import { registerMerchantRoute } from "../routes/register-merchant.ts";
import { reissueMerchantKeyRoute } from "../routes/reissue-merchant-key.ts";
import { setMerchantTermsRoute } from "../routes/set-merchant-terms.ts";
import { updateMerchantRoute } from "../routes/update-merchant.ts";
import type { MerchantViewNeeds } from "./read-merchant.ts";
import type { RegisterNeeds } from "./register-merchant.ts";
import type { TermsNeeds } from "./set-terms.ts";

/** What the endpoints of merchants need. */
export type MerchantRouteNeeds = RegisterNeeds & MerchantViewNeeds & TermsNeeds;

/** Becoming a merchant, being one, ending it, and what the operator decides about it. */
export function merchantRoutes(needs: MerchantRouteNeeds): readonly Route[] {
  return [
    registerMerchantRoute(needs),
    regenerateMerchantKeyRoute(needs),
    deactivateMerchantRoute(needs),
    getMerchantRoute(needs),
    updateMerchantRoute(needs),
    listMerchantsRoute(needs),
    setMerchantTermsRoute(needs),
    reissueMerchantKeyRoute(needs),
  ];
}
