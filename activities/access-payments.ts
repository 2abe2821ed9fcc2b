import { type ReconcileNeeds, reconcilePayment } from "../src/products/access/payments/doubt/reconcile-payment.ts";
import { repairPayment } from "../src/products/access/payments/doubt/repair-payment.ts";
import type { AccessPaymentView, RepairAnswer } from "../workflows/contracts.ts";

/** What the activities of payments in doubt need. */
export type AccessPaymentActivityNeeds = ReconcileNeeds;

/** The activities of payments for access; each reads the database and the chain first, so each may run any number of times. */
export function accessPaymentActivities(needs: AccessPaymentActivityNeeds) {
  return {
    reconcilePayment: (input: { readonly paymentId: string }): Promise<AccessPaymentView> =>
      reconcilePayment(needs, input),
    repairPayment: (input: { readonly paymentId: string; readonly request: unknown }): Promise<RepairAnswer> =>
      repairPayment(needs, input),
  };
}
