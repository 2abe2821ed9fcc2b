import type { Knex } from "knex";
import { deliver, type NoticeBody } from "../../integrations/notifications/deliver.ts";
import type { Clock } from "../../platform/clock.ts";
import { NoticeNotTaken } from "./errors.ts";
import { findEvent, markEventDelivered } from "./event-store.ts";

/** Who is told about purchases: one address that takes signed webhooks. */
export type NoticeListener = {
  readonly url: string;
  readonly secrets: readonly string[];
  readonly allowPrivateHosts: boolean;
};

/** What a delivery needs; without a listener events are only kept in the timeline. */
export type NoticeNeeds = { readonly database: Knex; readonly clock: Clock; readonly listener: NoticeListener | null };

/**
 * Delivers one event as a signed webhook; the event's id is the webhook's id, so a repeated delivery can be told apart. Answers what
 * became of it. Throws `notice_not_taken` and the outbound failures, all of them retried.
 */
export async function deliverEvent(needs: NoticeNeeds, input: { readonly eventId: string }): Promise<string> {
  const event = await findEvent(needs.database, input.eventId);
  if (event === null) return "unknown";
  if (event.deliveredAt !== null) return "delivered";
  if (needs.listener === null) return "recorded (no webhook is configured)";
  const { url, secrets, allowPrivateHosts } = needs.listener;
  const notice: NoticeBody = {
    type: event.type,
    timestamp: event.occurredAt.toISOString(),
    data: { purchase_id: event.purchaseId, ...event.data },
  };
  const outcome = await deliver({ clock: needs.clock, allowPrivateHosts }, { id: event.id, url, secrets, notice });
  if (!outcome.delivered) throw new NoticeNotTaken(outcome.status, outcome.retryAfterSeconds);
  await markEventDelivered(needs.database, event.id);
  return "delivered";
}
