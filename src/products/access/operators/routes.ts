import type { Knex } from "knex";
import type { Route } from "../../../platform/http/define-route.ts";
import type { PaymentRepairNeeds } from "../payments/doubt/repair-payment.ts";
import { listWatchedPaymentsRoute } from "../routes/list-watched-payments.ts";
import { repairPaymentRoute } from "../routes/repair-access-payment.ts";

/** What operators see of payments, and what they can do about one. */
export function accessOperatorRoutes(needs: PaymentRepairNeeds & { readonly database: Knex }): readonly Route[] {
  return [listWatchedPaymentsRoute(needs), repairPaymentRoute(needs)];
}
