import type { Knex } from "knex";
import type { Channel } from "../../../integrations/notifications/delivery-log-store.ts";
import { findLastAttempt, insertAttempt } from "../../../integrations/notifications/delivery-log-store.ts";
import { liftRefusals } from "../../../integrations/notifications/webhook-store.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import { findEvent, unmarkEventDelivered } from "../event-store.ts";

/** What an operator may ask to be sent again, the workflow that does it, and the lines of the log that it begins anew. */
const RESENDABLE = {
  webhook: { subject: "notice", channels: ["webhook"] },
  officex: { subject: "officex", channels: ["officex", "officex_inbox"] },
  email: { subject: "email", channels: ["email"] },
} as const satisfies Record<string, { readonly subject: string; readonly channels: readonly Channel[] }>;

/** The names of what can be sent again. */
export const RESENDABLE_CHANNELS = ["webhook", "officex", "email"] as const;

/**
 * Has an event sent again on one channel, whatever became of it before: delivered, refused or given up. A webhook that is sent again also
 * reopens listeners that had answered 410. The log keeps that it was asked for, and by whom. False when there is no such event. A delivery
 * that is still being tried goes on at its own pace.
 */
export async function resendEvent(
  needs: { readonly database: Knex },
  input: {
    readonly eventId: string;
    readonly channel: (typeof RESENDABLE_CHANNELS)[number];
    readonly actor: string;
  },
): Promise<boolean> {
  const { subject, channels } = RESENDABLE[input.channel];
  return needs.database.transaction(async (transaction) => {
    const event = await findEvent(transaction, input.eventId);
    if (event === null) return false;
    for (const channel of channels) {
      const last = await findLastAttempt(transaction, { eventId: event.id, channel });
      await insertAttempt(transaction, {
        eventId: event.id,
        channel,
        attempt: (last?.attempt ?? 0) + 1,
        destination: last?.destination ?? null,
        outcome: "resend_requested",
        status: null,
        detail: `Asked for by ${input.actor.slice(0, 100)}.`,
        durationMilliseconds: 0,
        nextTryAt: null,
      });
    }
    if (input.channel === "webhook") {
      await unmarkEventDelivered(transaction, event.id);
      await liftRefusals(transaction);
    }
    await raiseWake(transaction, `${subject}/${event.id}`);
    return true;
  });
}
