import { condition } from "@temporalio/workflow";
import { bulk, quick, upstream } from "./activity-proxies.ts";
import type { EntityInput, PurchasePhase, StepPlan } from "./contracts.ts";
import type { Desk } from "./desk.ts";
import { isLongRun, openDesk } from "./desk.ts";
import { purchaseRepairs } from "./desk-repairs.ts";
import { openUsageInbox } from "./usage-inbox.ts";
import { untilDeadline } from "./waiting.ts";

/**
 * `purchase/<id>`: provisions what was bought, then follows the balance until the purchase is terminated. It decides nothing itself:
 * `advancePurchase` reads the database and says what is next; wakes and deadlines only say when to ask again. Beside
 * that it takes usage by signal.
 */
export async function purchase(input: EntityInput): Promise<string> {
  const desk = openDesk(input, { accountId: `purchase/${input.id}` }, purchaseRepairs(input.id));
  desk.accompany(openUsageInbox(input));
  for (;;) {
    const seen = desk.wakes();
    const view = await desk.insist("look at the balance", () => quick.advancePurchase({ purchaseId: input.id }));
    desk.show(view);
    if (view.next === "done") {
      await desk.settle();
      return view.status;
    }
    await desk.renewWhenLong();
    if (view.next === "wait") {
      const summary = `Purchase is ${view.status}`;
      const wait = untilDeadline(view.lookAgainAt ?? view.deadline);
      await condition(() => desk.wakes() > seen || isLongRun(), wait, { summary });
      continue;
    }
    const phase = view.next;
    if (phase !== "refund") await runSteps(desk, { purchaseId: input.id, phase, steps: view.steps });
    await desk.insist(`close the phase "${phase}"`, () => quick.finishPhase({ purchaseId: input.id, phase }));
  }
}

type StepPhase = Exclude<PurchasePhase, "refund">;

async function runSteps(
  desk: Desk,
  { purchaseId, phase, steps }: { purchaseId: string; phase: StepPhase; steps: readonly StepPlan[] },
): Promise<void> {
  for (const step of steps) {
    const at = { phase, stepName: step.name };
    const outcome = await desk.insist(step.summary, () => runStep(purchaseId, phase, step), "5 minutes", at);
    desk.note(`${step.summary}: ${typeof outcome === "string" ? outcome : "done"}.`);
  }
}

function runStep(purchaseId: string, phase: StepPhase, step: StepPlan): Promise<unknown> {
  const lane = step.long ? bulk : upstream;
  return lane.runStep.executeWithOptions({ summary: step.summary }, [{ purchaseId, phase, step: step.name }]);
}
