import type { Knex } from "knex";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { Route } from "../../../platform/http/define-route.ts";
import { confirmRefundRoute } from "../routes/confirm-refund.ts";
import { getMerchantEarningsRoute } from "../routes/get-merchant-earnings.ts";
import { getMerchantInvoiceRoute } from "../routes/get-merchant-invoice.ts";
import { getPayerBalanceRoute, type PayerBalanceNeeds } from "../routes/get-payer-balance.ts";
import { listInvoicesRoute } from "../routes/list-invoices.ts";
import { listMerchantInvoicesRoute } from "../routes/list-merchant-invoices.ts";
import { listMerchantPayoutsRoute } from "../routes/list-merchant-payouts.ts";
import { listPayerBalancesRoute } from "../routes/list-payer-balances.ts";
import { listPayoutsRoute } from "../routes/list-payouts.ts";
import { listRefundsDueRoute } from "../routes/list-refunds-due.ts";
import { markInvoicePaidRoute } from "../routes/mark-invoice-paid.ts";
import { repairPayoutRoute } from "../routes/repair-payout.ts";
import { runPayoutsRoute } from "../routes/run-payouts.ts";
import type { ConfirmRefundNeeds } from "./confirm-refund.ts";
import type { PayoutRepairNeeds } from "./repair-payout.ts";
import type { StartPayoutNeeds } from "./start-payouts.ts";

/** What the endpoints about fees need. */
export type FeeRouteNeeds = StartPayoutNeeds &
  PayoutRepairNeeds &
  ConfirmRefundNeeds &
  PayerBalanceNeeds & {
    readonly database: Knex;
    readonly clock: Clock;
    readonly ledger: Ledger;
  };

/** What merchants earned and what they owe us. */
export function feeRoutes(needs: FeeRouteNeeds): readonly Route[] {
  return [
    getMerchantEarningsRoute(needs),
    listMerchantInvoicesRoute(needs),
    getMerchantInvoiceRoute(needs),
    listInvoicesRoute(needs),
    markInvoicePaidRoute(needs),
    listMerchantPayoutsRoute(needs),
    listPayoutsRoute(needs),
    runPayoutsRoute(needs),
    repairPayoutRoute(needs),
    getPayerBalanceRoute(needs),
    listRefundsDueRoute(needs),
    confirmRefundRoute(needs),
    listPayerBalancesRoute(needs),
  ];
}
