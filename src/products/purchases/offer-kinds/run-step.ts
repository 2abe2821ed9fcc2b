import { z } from "zod";
import { PurchaseNotFound } from "../errors.ts";
import { findPurchase } from "../purchase-store.ts";
import type { StepInput } from "./offer-kind.ts";
import type { OfferKindNeeds } from "./registry.ts";
import { offerStep } from "./registry.ts";

const Progress = z.object({ handled: z.number().int().min(0) });

/** A phase's steps run only while the purchase is in it. */
const STATUS_OF_PHASE = { provision: "provisioning", terminate: "terminating" } as const;

/**
 * Runs one step of a purchase's kind. `progress` is whatever the last attempt's heartbeat left behind; anything unreadable counts as
 * none, which only costs a count. An attempt that comes after its phase is over, from a worker that hung, does nothing: what
 * termination took away is not given again. Throws `purchase_not_found`, or what the step throws.
 */
export async function runOfferStep(
  needs: OfferKindNeeds,
  input: Omit<StepInput, "progress"> & {
    readonly phase: "provision" | "terminate";
    readonly step: string;
    readonly progress: unknown;
  },
): Promise<void> {
  const purchase = await findPurchase(needs.database, input.purchaseId);
  if (purchase === null) throw new PurchaseNotFound();
  const step = offerStep({ kind: purchase.kind, phase: input.phase, step: input.step });
  if (purchase.status !== STATUS_OF_PHASE[input.phase]) return;
  const progress = Progress.safeParse(input.progress);
  await step.run(needs, { ...input, progress: progress.success ? progress.data : null });
}
