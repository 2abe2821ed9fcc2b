import { text } from "../schemas.ts";
import { NotStuck, RepairNotAllowed } from "./errors.ts";
import type { RepairFacts } from "./repair.ts";
import { defineRepair } from "./repair.ts";
import { insertSkippedStep } from "./repair-store.ts";

/**
 * The step a purchase stands still at is left out for good and the next one begins. Only the step that is named, and only while it is
 * the one that is stuck: what was not done is said in the answer and stays in the timeline.
 */
export const skipStep = defineRepair({
  action: "skipStep",
  fields: { step: text({ minimum: 1, maximum: 100 }).meta({ description: "The name of the step that is stuck." }) },
  refuse: (facts, { step }) => refuseSkip(facts, step),
  apply: async ({ transaction, facts, requestId }, { step }) => {
    const { phase } = facts.parked ?? {};
    if (phase === undefined || phase === null || facts.purchase === null) throw new NotStuck(facts.subject);
    await insertSkippedStep(transaction, { purchaseId: facts.purchase.id, phase, step, requestId });
    return {
      text: `Not done and left out for good: "${facts.parked?.step}". It failed with: ${facts.parked?.reason}`,
      data: { phase, step },
    };
  },
});

function refuseSkip({ parked, purchase, subject }: RepairFacts, step: string): Error | null {
  if (parked === null) return new NotStuck(subject);
  const status = purchase?.status ?? "unsold";
  if (parked.stepName === null)
    return new RepairNotAllowed("skipStep", status, `It is stuck at "${parked.step}", which cannot be left out.`);
  if (parked.stepName !== step)
    return new RepairNotAllowed("skipStep", status, `It is stuck at the step ${parked.stepName}, not at this one.`);
  const expected = parked.phase === "provision" ? "provisioning" : "terminating";
  if (status !== expected)
    return new RepairNotAllowed("skipStep", status, `The step is of another phase than the purchase is in.`);
  return null;
}
