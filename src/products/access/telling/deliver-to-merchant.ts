import type { Knex } from "knex";
import type { AttemptNeeds, Verdict } from "../../../integrations/notifications/attempt-delivery.ts";
import { attemptDelivery } from "../../../integrations/notifications/attempt-delivery.ts";
import type { NoticeBody } from "../../../integrations/notifications/deliver.ts";
import { deliver } from "../../../integrations/notifications/deliver.ts";
import type { MasterKey } from "../../../platform/secrets.ts";
import type { MerchantEvent } from "./merchant-event.ts";
import { findMerchantEvent, markMerchantEventDelivered } from "./merchant-event-store.ts";
import { signingSecrets, webhookUrl } from "./merchant-webhook.ts";
import type { MerchantWebhook } from "./merchant-webhook-store.ts";
import { findMerchantWebhook, noteMerchantRefusal } from "./merchant-webhook-store.ts";
import type { AddressNeeds } from "./webhook-address.ts";
import { readWebhookUrl } from "./webhook-address.ts";

const GONE = 410;

/** What a delivery needs. Its slots are not those of the platform's own notices: anybody can register a server that hangs. */
export type MerchantDeliveryNeeds = Omit<AttemptNeeds, "database"> &
  AddressNeeds & { readonly database: Knex; readonly masterKey: MasterKey };

/**
 * Delivers one event to the address its merchant has set by now, as a signed webhook; the event's id is the webhook's id, so a repetition
 * can be told apart. Answers what became of it, and the delivery log says the same. An address that answers 410 gets nothing more until it
 * is set again. Throws `notice_not_taken` and `destination_busy`, tried again, and `webhook_url_refused` and `outbound_address_refused`,
 * which are not.
 */
export async function deliverToMerchant(
  needs: MerchantDeliveryNeeds,
  input: { readonly eventId: string },
): Promise<string> {
  const event = await findMerchantEvent(needs.database, input.eventId);
  if (event === null) return "unknown";
  if (event.deliveredAt !== null) return "delivered";
  const webhook = await findMerchantWebhook(needs.database, event.merchantId);
  const destination = webhook === null ? null : webhook.host;
  return attemptDelivery(needs, { eventId: event.id, channel: "merchant_webhook", destination }, async () => {
    if (webhook === null)
      return { outcome: "not_configured", isFinal: true, text: "recorded (the merchant has no webhook)" };
    if (webhook.refusedAt !== null)
      return gone("not sent: the merchant's server answered 410 before and wants no more");
    return callMerchant(needs, webhook, event);
  });
}

async function callMerchant(
  needs: MerchantDeliveryNeeds,
  webhook: MerchantWebhook,
  event: MerchantEvent,
): Promise<Verdict> {
  const url = readWebhookUrl(needs, webhookUrl(needs, webhook)).href;
  const secrets = await signingSecrets(needs, webhook.merchantId);
  if (secrets.length === 0) return { outcome: "not_configured", isFinal: true, text: "recorded (no secret signs)" };
  const notice: NoticeBody = {
    type: event.type,
    timestamp: event.occurredAt.toISOString(),
    data: { merchantId: event.merchantId, ...event.data },
  };
  const { status, delivered, retryAfterSeconds } = await deliver(needs, { id: event.id, url, secrets, notice });
  if (delivered) {
    await markMerchantEventDelivered(needs.database, event.id);
    return { outcome: "delivered", isFinal: true, status };
  }
  if (status === GONE) {
    await noteMerchantRefusal(needs.database, webhook);
    return { ...gone("refused: the merchant's server answered 410 and wants no more"), status };
  }
  const wish = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return { outcome: "not_taken", isFinal: false, status, text: `The merchant's server answered ${status}.`, ...wish };
}

function gone(text: string): Verdict {
  return { outcome: "listener_gone", isFinal: true, text };
}
