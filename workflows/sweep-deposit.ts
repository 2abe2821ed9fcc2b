import { sleep } from "@temporalio/workflow";
import { chain, quick } from "./activity-proxies.ts";
import type { EntityInput } from "./contracts.ts";
import { openDesk } from "./desk.ts";

const POLL = "2 seconds";

/**
 * `sweep/<deposit id>`: moves what is at a deposit address to the vendor's wallet. The signed transaction is stored before it is
 * broadcast and only ever broadcast again, so a worker killed at any line sends the money once.
 */
export async function sweepDeposit(input: EntityInput): Promise<string> {
  const desk = openDesk({}, input.carried);
  let view = await desk.insist("prepare the sweep", () => chain.prepareSweep({ depositId: input.id }));
  desk.show({ status: "sweeping", details: view.details, deadline: null });
  while (view.status === "pending") {
    const transactionId = view.transactionId;
    await desk.insist("broadcast the sweep", () => chain.broadcastSweep({ transactionId }));
    await sleep(POLL);
    view = await desk.insist("confirm the sweep", () => chain.confirmSweep({ depositId: input.id, transactionId }));
    desk.show({ status: "sweeping", details: view.details, deadline: null });
  }
  const outcome = await quick.finishSweep({ depositId: input.id });
  desk.show({ status: "swept", details: outcome, deadline: null });
  return outcome;
}
