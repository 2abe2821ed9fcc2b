import { condition } from "@temporalio/workflow";
import { bulk, quick, upstream } from "./activity-proxies.ts";
import type { EntityInput, StepPlan } from "./contracts.ts";
import { openDesk } from "./desk.ts";
import { untilDeadline } from "./waiting.ts";

/**
 * `purchase/<id>`: provisions what was bought, then follows the balance until the purchase is terminated. It decides nothing itself:
 * `advancePurchase` reads the database and says what is next; wakes and deadlines only say when to ask again.
 */
export async function purchase(input: EntityInput): Promise<string> {
  const desk = openDesk(input, { accountId: `purchase/${input.id}` });
  for (;;) {
    const seen = desk.wakes();
    const view = await desk.insist("look at the balance", () => quick.advancePurchase({ purchaseId: input.id }));
    desk.show(view);
    if (view.next === "done") return view.status;
    await desk.renewWhenLong();
    if (view.next === "wait") {
      const summary = `Purchase is ${view.status}`;
      await condition(() => desk.wakes() > seen, untilDeadline(view.deadline), { summary });
      continue;
    }
    const phase = view.next;
    for (const step of view.steps) {
      await desk.insist(step.summary, () => runStep(input.id, phase, step));
      desk.note(`${step.summary}: done.`);
    }
    await desk.insist(`close the phase "${phase}"`, () => quick.finishPhase({ purchaseId: input.id, phase }));
  }
}

function runStep(purchaseId: string, phase: "provision" | "terminate", step: StepPlan): Promise<void> {
  const lane = step.long ? bulk : upstream;
  return lane.runStep.executeWithOptions({ summary: step.summary }, [{ purchaseId, phase, step: step.name }]);
}
