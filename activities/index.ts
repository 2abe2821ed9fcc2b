import type { AccessActivityNeeds } from "./access.ts";
import { accessActivities } from "./access.ts";
import type { AccessPaymentActivityNeeds } from "./access-payments.ts";
import { accessPaymentActivities } from "./access-payments.ts";
import type { ChainActivityNeeds } from "./chains.ts";
import { chainActivities } from "./chains.ts";
import type { FeeActivityNeeds } from "./fees.ts";
import { feeActivities } from "./fees.ts";
import type { LedgerActivityNeeds } from "./ledger.ts";
import { ledgerActivities } from "./ledger.ts";
import type { NoticeActivityNeeds } from "./notifications.ts";
import { noticeActivities } from "./notifications.ts";
import type { PayoutActivityNeeds } from "./payouts.ts";
import { payoutActivities } from "./payouts.ts";
import type { PurchaseActivityNeeds } from "./purchases.ts";
import { purchaseActivities } from "./purchases.ts";
import type { RefundActivityNeeds } from "./refunds.ts";
import { refundActivities } from "./refunds.ts";
import type { RepairActivityNeeds } from "./repairs.ts";
import { repairActivities } from "./repairs.ts";
import type { TellingActivityNeeds } from "./telling.ts";
import { tellingActivities } from "./telling.ts";
import type { WatchActivityNeeds } from "./watch.ts";
import { watchActivities } from "./watch.ts";

/** What all activities together need. */
export type ActivityNeeds = AccessActivityNeeds &
  AccessPaymentActivityNeeds &
  ChainActivityNeeds &
  FeeActivityNeeds &
  LedgerActivityNeeds &
  NoticeActivityNeeds &
  PayoutActivityNeeds &
  PurchaseActivityNeeds &
  RefundActivityNeeds &
  RepairActivityNeeds &
  TellingActivityNeeds &
  WatchActivityNeeds;

/** Every activity of a worker, bound to its adapters. */
export function createActivities(needs: ActivityNeeds) {
  return {
    ...accessActivities(needs),
    ...accessPaymentActivities(needs),
    ...chainActivities(needs),
    ...feeActivities(needs),
    ...ledgerActivities(needs),
    ...noticeActivities(needs),
    ...payoutActivities(needs),
    ...purchaseActivities(needs),
    ...refundActivities(needs),
    ...repairActivities(needs),
    ...tellingActivities(needs),
    ...watchActivities(needs),
  };
}

/** The type workflows see; they import nothing else of this folder. */
export type Activities = ReturnType<typeof createActivities>;
