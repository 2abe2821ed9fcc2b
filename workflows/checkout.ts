import { condition } from "@temporalio/workflow";
import { quick } from "./activity-proxies.ts";
import type { EntityInput } from "./contracts.ts";
import { openDesk } from "./desk.ts";
import { untilDeadline } from "./waiting.ts";

/**
 * `checkout/<id>`: follows a checkout until it is finalized, or expires without money. A deposit that comes after the end starts it
 * again, so late money is looked at like any other.
 */
export async function checkout(input: EntityInput): Promise<string> {
  const desk = openDesk(input);
  for (;;) {
    const seen = desk.wakes();
    const view = await desk.insist("look at the deposits", () => quick.reviewCheckout({ checkoutId: input.id }));
    desk.show(view);
    if (view.next === "done") return view.status;
    await desk.renewWhenLong();
    await condition(() => desk.wakes() > seen, untilDeadline(view.deadline), { summary: `Checkout is ${view.status}` });
  }
}
