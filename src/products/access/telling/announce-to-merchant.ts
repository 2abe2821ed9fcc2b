import type { Knex } from "knex";
import { newId } from "../../../platform/ids.ts";
import type { MerchantEventData, MerchantEventType } from "./merchant-event.ts";
import { insertMerchantEvents } from "./merchant-event-store.ts";

/** What a merchant is told. */
export type MerchantAnnouncement = {
  readonly merchantId: string;
  readonly type: MerchantEventType;
  /** Unique for the merchant, such as `settled:<payment id>`: the same key again tells nothing. */
  readonly key: string;
  /** Amounts as decimal strings; never a session token. */
  readonly data: MerchantEventData;
};

/**
 * Adds an event to what its merchant may read, exactly once per key, and raises the wake `merchant-notice/<event id>` where the merchant
 * has a webhook. It exists exactly if what it tells does: same transaction. The delivery is a workflow of its own, so no merchant's
 * server can hold up what is being announced. Answers the event's id; null when its key was told already.
 */
export async function announceToMerchant(
  transaction: Knex.Transaction,
  announcement: MerchantAnnouncement,
): Promise<string | null> {
  const id = newId("evt");
  const [added] = await insertMerchantEvents(transaction, [{ id, ...announcement }]);
  return added ?? null;
}

/** {@link announceToMerchant} of many things at once, to whichever merchants. */
export async function announceAllToMerchants(
  transaction: Knex.Transaction,
  announcements: readonly MerchantAnnouncement[],
): Promise<void> {
  const events = announcements.map((announcement) => ({ id: newId("evt"), ...announcement }));
  await insertMerchantEvents(transaction, events);
}
