import type { Route } from "../../platform/http/define-route.ts";
import type { FacilitatorRouteNeeds } from "./facilitator-route-needs.ts";
import { getSupportedRoute } from "./routes/get-supported.ts";
import { settlePaymentRoute } from "./routes/settle-payment.ts";
import { verifyPaymentRoute } from "./routes/verify-payment.ts";

/** Every endpoint of our own facilitator: x402's three. */
export function facilitatorRoutes(needs: FacilitatorRouteNeeds): readonly Route[] {
  return [verifyPaymentRoute(needs), settlePaymentRoute(needs), getSupportedRoute(needs)];
}
