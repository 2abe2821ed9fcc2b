import { createHash } from "node:crypto";
import type { AttemptNeeds, Verdict } from "../../../integrations/notifications/attempt-delivery.ts";
import { attemptDelivery } from "../../../integrations/notifications/attempt-delivery.ts";
import { deliver, type NoticeBody } from "../../../integrations/notifications/deliver.ts";
import { currentSecrets } from "../../../integrations/notifications/webhook-secrets.ts";
import { isRefused, noteRefusal } from "../../../integrations/notifications/webhook-store.ts";
import type { MasterKey } from "../../../platform/secrets.ts";
import type { PurchaseEvent } from "../event-store.ts";
import { findEvent, markEventDelivered } from "../event-store.ts";

const GONE = 410;

/** Who is told about purchases: one address that takes signed webhooks. `secrets` count until the first rotation. */
export type NoticeListener = {
  readonly url: string;
  readonly secrets: readonly string[];
  readonly allowPrivateHosts: boolean;
};

/** What a delivery needs; without a listener events are only kept in the timeline. */
export type NoticeNeeds = AttemptNeeds & {
  readonly masterKey: MasterKey;
  readonly listener: NoticeListener | null;
};

/**
 * Delivers one event as a signed webhook; the event's id is the webhook's id, so a repeated delivery can be told apart. Answers what
 * became of it, and the delivery log says the same. A listener that answers 410 gets nothing more until an operator sends something
 * again. Throws `notice_not_taken` and `destination_busy`, tried again, and `outbound_address_refused`, which is not.
 */
export async function deliverEvent(needs: NoticeNeeds, input: { readonly eventId: string }): Promise<string> {
  const event = await findEvent(needs.database, input.eventId);
  if (event === null) return "unknown";
  if (event.deliveredAt !== null) return "delivered";
  const { listener } = needs;
  const destination = listener === null ? null : hostOf(listener.url);
  return attemptDelivery(needs, { eventId: event.id, channel: "webhook", destination }, async () => {
    if (listener === null)
      return { outcome: "not_configured", isFinal: true, text: "recorded (no webhook is configured)" };
    return callListener(needs, listener, event);
  });
}

async function callListener(needs: NoticeNeeds, listener: NoticeListener, event: PurchaseEvent): Promise<Verdict> {
  const { url, allowPrivateHosts } = listener;
  const fingerprint = createHash("sha256").update(url).digest();
  if (await isRefused(needs.database, fingerprint))
    return gone("not sent: the listener answered 410 before and wants no more");
  const notice: NoticeBody = {
    type: event.type,
    timestamp: event.occurredAt.toISOString(),
    data: { purchase_id: event.purchaseId, ...event.data },
  };
  const secrets = await currentSecrets(needs, listener.secrets);
  const answer = await deliver({ clock: needs.clock, allowPrivateHosts }, { id: event.id, url, secrets, notice });
  const { status, retryAfterSeconds } = answer;
  if (answer.delivered) {
    await markEventDelivered(needs.database, event.id);
    return { outcome: "delivered", isFinal: true, status };
  }
  if (status === GONE) {
    await noteRefusal(needs.database, fingerprint, hostOf(url));
    return { ...gone("refused: the listener answered 410 and wants no more"), status };
  }
  const text = `The listener answered ${status}.`;
  const wish = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return { outcome: "not_taken", isFinal: false, status, text, ...wish };
}

function gone(text: string): Verdict {
  return { outcome: "listener_gone", isFinal: true, text };
}

/** The host alone: a path or a query may be a secret. */
function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host.slice(0, 255) : "not a URL";
}
