import { condition } from "@temporalio/workflow";
import { quick, repairs } from "./activity-proxies.ts";
import type { EntityInput } from "./contracts.ts";
import { openDesk } from "./desk.ts";
import type { DeskRepairs } from "./desk-repairs.ts";
import { workflowRepairs } from "./desk-repairs.ts";
import { untilDeadline } from "./waiting.ts";

/**
 * `access-session/<id>`: follows paid time to its end. It decides nothing: `reviewSession` reads the row, gives the reminder that is due
 * or ends the session, and says when to look again; an extension is a changed row and a wake.
 */
export async function accessSession(input: EntityInput): Promise<string> {
  const desk = openDesk(input, { accountId: `access-session/${input.id}` }, sessionRepairs(input.id));
  for (;;) {
    const seen = desk.wakes();
    const view = await desk.insist("look at the session", () => quick.reviewSession({ sessionId: input.id }));
    desk.show(view);
    if (view.next === "done") {
      await desk.settle();
      return view.status;
    }
    await desk.renewWhenLong();
    const summary = `Session is ${view.status}`;
    await condition(() => desk.wakes() > seen, untilDeadline(view.lookAgainAt), { summary });
  }
}

/** Time given free of charge, the session taken away, and what every workflow takes. */
function sessionRepairs(sessionId: string): DeskRepairs {
  const general = workflowRepairs();
  return {
    names: [...general.names, "extendSession", "revokeSession"],
    perform: (request) =>
      request.action === "retryStep" ? general.perform(request) : repairs.repairSession({ sessionId, request }),
  };
}
