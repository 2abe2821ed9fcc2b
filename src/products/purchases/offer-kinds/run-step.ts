import { PurchaseNotFound } from "../errors.ts";
import { isInPhase } from "../lifecycle.ts";
import { findPurchase } from "../purchase-store.ts";
import { beginDestruction, isStepSkipped } from "../repairs/repair-store.ts";
import type { StepInput } from "./offer-kind.ts";
import type { OfferKindNeeds, StepPhase } from "./registry.ts";
import { offerStep } from "./registry.ts";

/** What became of one run of a step. */
export type StepOutcome = "done" | "left out by an operator" | "not due";

/**
 * Runs one step of a purchase's kind. An attempt that comes after its phase is over, from a worker that hung, does nothing: what
 * termination took away is not given again, and what a top-up opened is not shut. Nor does a step an operator left out. Before a step
 * of the end begins, the row says that there is no way back. Answers what became of it. Throws `purchase_not_found`, or what the step throws.
 */
export async function runOfferStep(
  needs: OfferKindNeeds,
  input: StepInput & { readonly phase: StepPhase; readonly step: string },
): Promise<StepOutcome> {
  const purchase = await findPurchase(needs.database, input.purchaseId);
  if (purchase === null) throw new PurchaseNotFound();
  const step = offerStep({ kind: purchase.kind, phase: input.phase, step: input.step });
  if (!isInPhase(purchase, input.phase)) return "not due";
  if (await isStepSkipped(needs.database, input)) return "left out by an operator";
  if (input.phase === "terminate" && !(await beginDestruction(needs.database, purchase.id))) return "not due";
  await step.run(needs, input);
  return "done";
}
