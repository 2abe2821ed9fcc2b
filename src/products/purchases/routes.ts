import type { Route } from "../../platform/http/define-route.ts";
import type { CheckoutNeeds } from "./checkout.ts";
import type { MeteringNeeds } from "./metering.ts";
import type { PurchaseCache } from "./purchase-cache.ts";
import type { PurchaseViewNeeds } from "./purchase-view.ts";
import { cancelPurchaseRoute } from "./routes/cancel-purchase.ts";
import { finalizeCheckoutRoute } from "./routes/finalize-checkout.ts";
import { getAppstoreListRoute } from "./routes/get-appstore-list.ts";
import { getCredentialsRoute } from "./routes/get-credentials.ts";
import { getHistoricalBillingRoute } from "./routes/get-historical-billing.ts";
import { getOfferRoute } from "./routes/get-offer.ts";
import { getPurchaseRoute } from "./routes/get-purchase.ts";
import { getUsageResultRoute } from "./routes/get-usage-result.ts";
import { initiateCheckoutRoute } from "./routes/initiate-checkout.ts";
import { issueVendorKeyRoute } from "./routes/issue-vendor-key.ts";
import { listStuckRoute } from "./routes/list-stuck.ts";
import { meterUsageRoute } from "./routes/meter-usage.ts";
import { reissueCustomerKeyRoute } from "./routes/reissue-customer-key.ts";
import { rotateCredentialsRoute } from "./routes/rotate-credentials.ts";
import { rotateCustomerKeyRoute } from "./routes/rotate-customer-key.ts";
import { setNoticeLevelsRoute } from "./routes/set-notice-levels.ts";
import type { AppstoreRouteNeeds } from "./routes/suggest-appstore-lists.ts";
import { suggestAppstoreListsRoute } from "./routes/suggest-appstore-lists.ts";
import { topupCheckoutRoute } from "./routes/topup-checkout.ts";
import { validateCheckoutRoute } from "./routes/validate-checkout.ts";
import { verifyTopupRoute } from "./routes/verify-topup.ts";
import type { Vendor } from "./vendor.ts";

/** Everything the room's endpoints need. */
export type PurchaseRouteNeeds = CheckoutNeeds &
  MeteringNeeds &
  PurchaseViewNeeds &
  AppstoreRouteNeeds & { readonly vendor: Vendor; readonly purchases: PurchaseCache };

/** The endpoints of seed 000, in the order of its document. */
export function purchaseRoutes(needs: PurchaseRouteNeeds): readonly Route[] {
  return [
    suggestAppstoreListsRoute(needs),
    getAppstoreListRoute(needs),
    getOfferRoute(needs),
    initiateCheckoutRoute(needs),
    validateCheckoutRoute(needs),
    finalizeCheckoutRoute(needs),
    topupCheckoutRoute(needs),
    getPurchaseRoute(needs),
    verifyTopupRoute(needs),
    getCredentialsRoute(needs),
    rotateCredentialsRoute(needs),
    setNoticeLevelsRoute(needs),
    cancelPurchaseRoute(needs),
    meterUsageRoute(needs),
    getUsageResultRoute(needs),
    getHistoricalBillingRoute(needs),
    rotateCustomerKeyRoute(needs),
    issueVendorKeyRoute(needs),
    reissueCustomerKeyRoute(needs),
    listStuckRoute(needs),
  ];
}
