import { delivery } from "./activity-proxies.ts";
import type { EntityInput } from "./contracts.ts";
import { openDesk } from "./desk.ts";

/** `alert/<alert id>`: one operator alert as a signed webhook, retried with growing pauses; parks when three days were not enough. */
export async function deliverAlert(input: EntityInput): Promise<string> {
  const desk = openDesk(input);
  desk.show({
    status: "delivering",
    details: "Delivering an alert; each failed try is shown with its reason below.",
    deadline: null,
  });
  const outcome = await desk.insist("deliver the alert", () => delivery.deliverAlert({ alertId: input.id }));
  desk.show({ status: outcome, details: `The alert is ${outcome}.`, deadline: null });
  return outcome;
}
