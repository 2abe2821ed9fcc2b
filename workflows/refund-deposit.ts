import { sleep } from "@temporalio/workflow";
import { chain } from "./activity-proxies.ts";
import type { EntityInput } from "./contracts.ts";
import type { Desk } from "./desk.ts";
import { openDesk } from "./desk.ts";
import { workflowRepairs } from "./desk-repairs.ts";

const QUICK_LOOKS = 10;

/**
 * `refund/<refund id>`: sends a deposit, or a part of one, back to its sender. Its money left the books when it was promised; the signed
 * transaction is stored before it is broadcast and only ever broadcast again. What only an operator can settle (a sender that is a
 * contract, a cold treasury) parks it; a wake lets it try again.
 */
export async function refundDeposit(input: EntityInput): Promise<string> {
  const desk = openDesk(input, {}, workflowRepairs(["resumeSweep", "confirmRefund", "refuseRefund"]));
  for (;;) {
    const plan = await desk.insist("prepare the refund", () => chain.prepareRefund({ refundId: input.id }));
    desk.show({ status: plan.isOver ? "closed" : "refunding", details: plan.details, deadline: null });
    if (plan.isOver) return plan.details;
    if (plan.transactionId !== null) await awaitMined(desk, { refundId: input.id, transactionId: plan.transactionId });
    const recorded = await desk.insist("write the refund into the books", () =>
      chain.recordRefund({ refundId: input.id }),
    );
    desk.show({ status: recorded.outcome, details: recorded.details, deadline: null });
    if (recorded.outcome === "paid") return recorded.details;
    await sleep("2 seconds", { summary: "Go on with the refund's next transaction" });
    await desk.renewWhenLong();
  }
}

/** Looks every two seconds for a while, then three times a minute. */
async function awaitMined(
  desk: Desk,
  refund: { readonly refundId: string; readonly transactionId: string },
): Promise<void> {
  for (let looks = 1; ; looks += 1) {
    await desk.insist("broadcast the refund", () => chain.broadcastRefund(refund));
    await sleep(looks <= QUICK_LOOKS ? "2 seconds" : "20 seconds", { summary: "Wait for the refund to be mined" });
    const isMined = await desk.insist("confirm the refund", () => chain.isRefundMined(refund));
    if (isMined) return;
    await desk.renewWhenLong();
  }
}
