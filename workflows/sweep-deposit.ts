import { condition, sleep } from "@temporalio/workflow";
import { chain } from "./activity-proxies.ts";
import type { EntityInput } from "./contracts.ts";
import type { Desk } from "./desk.ts";
import { openDesk } from "./desk.ts";
import { workflowRepairs } from "./desk-repairs.ts";

const QUICK_LOOKS = 10;

/**
 * `sweep/<deposit id>`: moves what is at a deposit address to the vendor's wallet. The signed transaction is stored before it is
 * broadcast and only ever broadcast again, so a worker killed at any line sends the money once. A deposit address that must pay its
 * own gas is given it first, by a transaction of its own. A reverted transaction is written down with its cost, then tried anew.
 */
export async function sweepDeposit(input: EntityInput): Promise<string> {
  const desk = openDesk(input, {}, workflowRepairs(["resumeSweep"]));
  for (;;) {
    const seen = desk.wakes();
    const plan = await desk.insist("prepare the sweep", () => chain.prepareSweep({ depositId: input.id }));
    if (plan.isOver === true) return plan.details;
    if (plan.waitSeconds !== undefined) {
      desk.show({ status: "waiting", details: plan.details, deadline: null });
      await condition(() => desk.wakes() > seen, plan.waitSeconds * 1_000, {
        summary: "Wait until the sweep is worth it",
      });
      await desk.renewWhenLong();
      continue;
    }
    desk.show({ status: "sweeping", details: plan.details, deadline: null });
    if (plan.transactionId !== null) await awaitMined(desk, { depositId: input.id, transactionId: plan.transactionId });
    const recorded = await desk.insist("write the sweep into the books", () =>
      chain.recordSweep({ depositId: input.id, sweepId: plan.sweepId }),
    );
    desk.show({ status: recorded.outcome, details: recorded.details, deadline: null });
    if (recorded.outcome === "swept") return recorded.details;
    // Its gas has arrived: on with the tokens.
    if (recorded.outcome === "fuelled") continue;
    await sleep("1 minute", { summary: "Sweep again after a reverted transaction" });
    await desk.renewWhenLong();
  }
}

/** Looks every two seconds for a while, then three times a minute: finality takes minutes on public chains, and a long wait must not fill the history. */
async function awaitMined(
  desk: Desk,
  sweep: { readonly depositId: string; readonly transactionId: string },
): Promise<void> {
  for (let looks = 1; ; looks += 1) {
    await desk.insist("broadcast the sweep", () => chain.broadcastSweep(sweep));
    await sleep(looks <= QUICK_LOOKS ? "2 seconds" : "20 seconds", { summary: "Wait for the sweep to be mined" });
    const isMined = await desk.insist("confirm the sweep", () => chain.isSweepMined(sweep));
    if (isMined) return;
    await desk.renewWhenLong();
  }
}
