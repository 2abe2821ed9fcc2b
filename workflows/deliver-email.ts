import { delivery } from "./activity-proxies.ts";
import { bestEffort } from "./best-effort.ts";
import type { EntityInput } from "./contracts.ts";
import { openDesk } from "./desk.ts";

/** `email/<event id>`: one mail to the customer, retried for three days and then given up. */
export async function deliverEmail(input: EntityInput): Promise<string> {
  const desk = openDesk(input);
  const eventId = input.id;
  desk.show({
    status: "delivering",
    details: "Mailing the customer; each failed try is shown with its reason below.",
    deadline: null,
  });
  const outcome = await bestEffort({ eventId, channel: "email" }, () => delivery.mailEvent({ eventId }));
  desk.show({ status: outcome, details: `The mail is ${outcome}.`, deadline: null });
  return outcome;
}
