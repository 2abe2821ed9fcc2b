import { condition } from "@temporalio/workflow";
import { upstream } from "./activity-proxies.ts";
import type { EntityInput } from "./contracts.ts";
import { openDesk } from "./desk.ts";
import { untilDeadline } from "./waiting.ts";

/**
 * `rotate-credentials/<purchase id>`: makes the bucket user that is wanted and ends the former ones when their overlap is over. What is
 * next is read from Postgres each time, so a rotation asked for meanwhile is simply seen; it ends when only one user is left.
 */
export async function rotateCredentials(input: EntityInput): Promise<string> {
  const desk = openDesk(input, { accountId: `purchase/${input.id}` });
  for (;;) {
    const seen = desk.wakes();
    const view = await desk.insist("rotate the credentials", () =>
      upstream.rotateCredentials({ purchaseId: input.id }),
    );
    desk.show({ status: view.status, details: view.details, deadline: view.deadline });
    if (view.next === "done" && desk.wakes() === seen) return view.details;
    await desk.renewWhenLong();
    if (view.next !== "wait") continue;
    await condition(() => desk.wakes() > seen, untilDeadline(view.deadline), { summary: view.details });
  }
}
