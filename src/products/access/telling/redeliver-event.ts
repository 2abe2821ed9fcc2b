import type { Knex } from "knex";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import { MerchantEventNotFound, WebhookNotSet } from "../telling-errors.ts";
import { findMerchantWebhook } from "./merchant-webhook-store.ts";
import { unmarkMerchantEventDelivered } from "./redelivery-store.ts";

/**
 * Has one event sent to its merchant's webhook once more, as it was: the same id, so that whoever took it already can tell. One that is on
 * its way goes on. Another merchant's event is none. Throws `merchant_event_not_found`, `webhook_not_set`.
 */
export async function redeliverEvent(
  needs: { readonly database: Knex },
  input: { readonly merchantId: string; readonly eventId: string },
): Promise<void> {
  const { merchantId, eventId } = input;
  await needs.database.transaction(async (transaction) => {
    if (!(await unmarkMerchantEventDelivered(transaction, { id: eventId, merchantId })))
      throw new MerchantEventNotFound();
    if ((await findMerchantWebhook(transaction, merchantId)) === null) throw new WebhookNotSet();
    await raiseWake(transaction, `merchant-notice/${eventId}`);
  });
}
