import { delivery } from "./activity-proxies.ts";
import type { EntityInput } from "./contracts.ts";
import { openDesk } from "./desk.ts";

/** `notice/<event id>`: one signed webhook, retried with growing pauses; parks for review when three days were not enough. */
export async function deliverNotice(input: EntityInput): Promise<string> {
  const desk = openDesk(input);
  desk.show({
    status: "delivering",
    details: "Delivering the notice; each failed try is shown with its reason below.",
    deadline: null,
  });
  const outcome = await desk.insist("deliver the notice", () => delivery.deliverNotice({ eventId: input.id }));
  desk.show({ status: outcome, details: `The notice is ${outcome}.`, deadline: null });
  return outcome;
}
