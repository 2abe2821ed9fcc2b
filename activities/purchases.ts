import { Context } from "@temporalio/activity";
import type { LifecycleNeeds } from "../src/products/purchases/advance-purchase.ts";
import { advancePurchase } from "../src/products/purchases/advance-purchase.ts";
import type { CheckoutNeeds } from "../src/products/purchases/checkout.ts";
import { reviewCheckout } from "../src/products/purchases/checkout.ts";
import { finishPhase } from "../src/products/purchases/finish-phase.ts";
import type { LifecyclePhase } from "../src/products/purchases/lifecycle.ts";
import type { OfferKindNeeds, StepPhase } from "../src/products/purchases/offer-kinds/registry.ts";
import { runOfferStep } from "../src/products/purchases/offer-kinds/run-step.ts";
import type { CheckoutView, PurchaseView } from "../workflows/contracts.ts";

/** What the purchase activities need. */
export type PurchaseActivityNeeds = LifecycleNeeds & OfferKindNeeds & Pick<CheckoutNeeds, "cashier">;

/** The activities of the purchases room; each reads the database first, so each may run any number of times. */
export function purchaseActivities(needs: PurchaseActivityNeeds) {
  return {
    reviewCheckout: (input: { readonly checkoutId: string }): Promise<CheckoutView> => reviewCheckout(needs, input),
    advancePurchase: (input: { readonly purchaseId: string }): Promise<PurchaseView> => advancePurchase(needs, input),
    finishPhase: (input: { readonly purchaseId: string; readonly phase: LifecyclePhase }): Promise<void> =>
      finishPhase(needs, input),
    runStep: (input: {
      readonly purchaseId: string;
      readonly phase: StepPhase;
      readonly step: string;
    }): Promise<unknown> => {
      const context = Context.current();
      return runOfferStep(needs, {
        ...input,
        heartbeat: (progress) => context.heartbeat(progress),
        progress: context.info.heartbeatDetails,
        signal: context.cancellationSignal,
      });
    },
  };
}
