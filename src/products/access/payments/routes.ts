import type { Route } from "../../../platform/http/define-route.ts";
import { extendSessionRoute } from "../routes/extend-session.ts";
import { getAccessPaymentRoute } from "../routes/get-access-payment.ts";
import { requestAccessRoute } from "../routes/request-access.ts";
import type { PaymentNeeds } from "./payment-needs.ts";

/** Buying: access, more of it, and what became of a payment. */
export function paymentRoutes(needs: PaymentNeeds): readonly Route[] {
  return [requestAccessRoute(needs), extendSessionRoute(needs), getAccessPaymentRoute(needs)];
}
