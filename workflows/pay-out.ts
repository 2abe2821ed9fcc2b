import { sleep } from "@temporalio/workflow";
import { chain, repairs } from "./activity-proxies.ts";
import type { EntityInput } from "./contracts.ts";
import { type Desk, openDesk } from "./desk.ts";
import type { DeskRepairs } from "./desk-repairs.ts";
import { workflowRepairs } from "./desk-repairs.ts";

const QUICK_LOOKS = 10;

/**
 * `payout/<payout id>`: sends a custodial merchant what it is owed. Its money left the merchant's account when it was promised; the signed
 * transaction is stored before it is broadcast and only ever broadcast again. What cannot go on (a short wallet, an empty gas tank) parks
 * it where operators see it, and they may call it off.
 */
export async function payOut(input: EntityInput): Promise<string> {
  const desk = openDesk(input, {}, payoutRepairs(input.id));
  const payout = { payoutId: input.id };
  for (;;) {
    const plan = await desk.insist("prepare the payout", () => chain.preparePayout(payout));
    desk.show({ status: plan.status ?? (plan.isOver ? "paid" : "paying"), details: plan.details, deadline: null });
    if (plan.isOver || plan.transactionId === null) return end(desk, plan.details);
    await awaitMined(desk, { ...payout, transactionId: plan.transactionId });
    const recorded = await desk.insist("write the payout into the books", () => chain.recordPayout(payout));
    desk.show({ status: recorded.outcome, details: recorded.details, deadline: null });
    if (recorded.outcome !== "again") return end(desk, recorded.details);
    await sleep("2 seconds", { summary: "Go on with the payout's next transaction" });
    await desk.renewWhenLong();
  }
}

/** Looks every two seconds for a while, then three times a minute. */
async function awaitMined(
  desk: Desk,
  payout: { readonly payoutId: string; readonly transactionId: string },
): Promise<void> {
  for (let looks = 1; ; looks += 1) {
    await desk.insist("broadcast the payout", () => chain.broadcastPayout(payout));
    await sleep(looks <= QUICK_LOOKS ? "2 seconds" : "20 seconds", { summary: "Wait for the payout to be mined" });
    const isMined = await desk.insist("confirm the payout", () => chain.isPayoutMined(payout));
    if (isMined) return;
    await desk.renewWhenLong();
  }
}

/** Lets a repair that is under way be answered. */
async function end(desk: Desk, details: string): Promise<string> {
  await desk.settle();
  return details;
}

/** Called off, and what every workflow takes. */
function payoutRepairs(payoutId: string): DeskRepairs {
  const general = workflowRepairs();
  return {
    names: [...general.names, "cancelPayout"],
    perform: (request) =>
      request.action === "retryStep" ? general.perform(request) : repairs.repairPayout({ payoutId, request }),
  };
}
