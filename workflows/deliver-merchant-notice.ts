import { delivery } from "./activity-proxies.ts";
import { bestEffort } from "./best-effort.ts";
import type { EntityInput } from "./contracts.ts";
import { openDesk } from "./desk.ts";

/** `merchant-notice/<event id>`: one signed webhook to a merchant, retried with growing pauses for three days and then given up. */
export async function deliverMerchantNotice(input: EntityInput): Promise<string> {
  const desk = openDesk(input);
  const eventId = input.id;
  desk.show({
    status: "delivering",
    details: "Telling the merchant; each failed try is shown with its reason below.",
    deadline: null,
  });
  const outcome = await bestEffort({ eventId, channel: "merchant_webhook" }, () =>
    delivery.deliverMerchantNotice({ eventId }),
  );
  desk.show({ status: outcome, details: `The notice is ${outcome}.`, deadline: null });
  return outcome;
}
