import { Context } from "@temporalio/activity";
import type { LifecycleNeeds } from "../src/products/purchases/advance-purchase.ts";
import { advancePurchase } from "../src/products/purchases/advance-purchase.ts";
import type { CheckoutNeeds } from "../src/products/purchases/checkout.ts";
import { reviewCheckout } from "../src/products/purchases/checkout.ts";
import { PurchaseNotFound } from "../src/products/purchases/errors.ts";
import { finishPhase } from "../src/products/purchases/finish-phase.ts";
import type { LifecyclePhase } from "../src/products/purchases/lifecycle.ts";
import type { OfferKindNeeds, StepPhase } from "../src/products/purchases/offer-kinds/registry.ts";
import { runOfferStep } from "../src/products/purchases/offer-kinds/run-step.ts";
import type { RecordUsageNeeds } from "../src/products/purchases/record-usage.ts";
import { recordUsage } from "../src/products/purchases/record-usage.ts";
import { rotateCredentials } from "../src/products/purchases/rotate-credentials.ts";
import type { CheckoutView, PurchaseView, RotationView, UsageResult } from "../workflows/contracts.ts";

/** What the purchase activities need. */
export type PurchaseActivityNeeds = LifecycleNeeds &
  OfferKindNeeds &
  Pick<RecordUsageNeeds, "ledger"> &
  Pick<CheckoutNeeds, "cashier">;

/** The activities of the purchases room; each reads the database first, so each may run any number of times. */
export function purchaseActivities(needs: PurchaseActivityNeeds) {
  return {
    reviewCheckout: (input: { readonly checkoutId: string }): Promise<CheckoutView> => reviewCheckout(needs, input),
    advancePurchase: (input: { readonly purchaseId: string }): Promise<PurchaseView> => advanceIfThere(needs, input),
    recordUsage: (input: {
      readonly purchaseId: string;
      readonly reports: readonly unknown[];
    }): Promise<UsageResult[]> => recordUsage(needs, input),
    rotateCredentials: (input: { readonly purchaseId: string }): Promise<RotationView> =>
      rotateCredentials(needs, input),
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
        signal: context.cancellationSignal,
      });
    },
  };
}

/** A purchase that is not there ends its workflow at once: anybody who may signal can name one, and none may stay parked for it. */
async function advanceIfThere(
  needs: PurchaseActivityNeeds,
  input: { readonly purchaseId: string },
): Promise<PurchaseView> {
  try {
    return await advancePurchase(needs, input);
  } catch (error) {
    if (!(error instanceof PurchaseNotFound)) throw error;
    return { status: "unknown", next: "done", steps: [], deadline: null, details: "There is no such purchase." };
  }
}
