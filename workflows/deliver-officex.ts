import { delivery } from "./activity-proxies.ts";
import { bestEffort } from "./best-effort.ts";
import type { EntityInput } from "./contracts.ts";
import { openDesk } from "./desk.ts";

/**
 * `officex/<event id>`: brings the purchase's record in the buyer's OfficeX organisation to the present, and puts the event into its inbox,
 * side by side. Both are retried for three days and then given up.
 */
export async function deliverOfficex(input: EntityInput): Promise<string> {
  const desk = openDesk(input);
  const eventId = input.id;
  desk.show({
    status: "delivering",
    details: "Updating the purchase's OfficeX record; each failed try is shown with its reason below.",
    deadline: null,
  });
  const [record, inbox] = await Promise.all([
    bestEffort({ eventId, channel: "officex" }, () => delivery.updateOfficex({ eventId })),
    bestEffort({ eventId, channel: "officex_inbox" }, () => delivery.noticeOfficex({ eventId })),
  ]);
  desk.show({ status: record, details: `Record: ${record}. Inbox: ${inbox}.`, deadline: null });
  return `record: ${record}; inbox: ${inbox}`;
}
