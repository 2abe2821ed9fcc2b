import { condition } from "@temporalio/workflow";
import { repairs, settling } from "./activity-proxies.ts";
import type { EntityInput } from "./contracts.ts";
import { openDesk } from "./desk.ts";
import type { DeskRepairs } from "./desk-repairs.ts";
import { workflowRepairs } from "./desk-repairs.ts";
import { untilDeadline } from "./waiting.ts";

/**
 * `access-payment/<id>`: finds out what became of a payment nobody knows the outcome of. It decides nothing: `reconcilePayment` asks the
 * chain and the facilitator, ends the payment when it is proven either way, and says when to look again; the pauses grow.
 */
export async function accessPayment(input: EntityInput): Promise<string> {
  const desk = openDesk(input, { accountId: `access-payment/${input.id}` }, paymentRepairs(input.id));
  for (;;) {
    const seen = desk.wakes();
    const look = () => settling.reconcilePayment({ paymentId: input.id });
    const review = await desk.insist("find out what became of the payment", look);
    desk.show(review);
    if (review.next === "done") {
      await desk.settle();
      return review.status;
    }
    await desk.renewWhenLong();
    const summary = `Payment is ${review.status}`;
    await condition(() => desk.wakes() > seen, untilDeadline(review.lookAgainAt), { summary });
  }
}

/** Look again, or say how it ended where the chain proves it; and what every workflow takes. */
function paymentRepairs(paymentId: string): DeskRepairs {
  const general = workflowRepairs();
  return {
    names: [...general.names, "lookAgain", "recordSettled", "recordFailed"],
    perform: (request) =>
      request.action === "retryStep" ? general.perform(request) : repairs.repairPayment({ paymentId, request }),
  };
}
