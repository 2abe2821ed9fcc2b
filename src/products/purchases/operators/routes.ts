import type { Knex } from "knex";
import type { Route } from "../../../platform/http/define-route.ts";
import type { RepairNeeds } from "../repairs/perform-repair.ts";
import { getPurchaseRecordRoute } from "../routes/get-purchase-record.ts";
import { getPurchaseTimelineRoute } from "../routes/get-purchase-timeline.ts";
import { listOperatorActionsRoute } from "../routes/list-operator-actions.ts";
import { listPurchasesRoute } from "../routes/list-purchases.ts";
import { listSuspenseRoute } from "../routes/list-suspense.ts";
import { repairDepositRoute } from "../routes/repair-deposit.ts";
import { repairPurchaseRoute } from "../routes/repair-purchase.ts";

/** The operators' endpoints of the room: lists, one purchase whole, and repairs. */
export function operatorRoutes(needs: RepairNeeds & { readonly database: Knex }): readonly Route[] {
  return [
    listPurchasesRoute(needs),
    getPurchaseRecordRoute(needs),
    getPurchaseTimelineRoute(needs),
    repairPurchaseRoute(needs),
    listOperatorActionsRoute(needs),
    listSuspenseRoute(needs),
    repairDepositRoute(needs),
  ];
}
