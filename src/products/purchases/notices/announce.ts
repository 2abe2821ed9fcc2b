import type { Knex } from "knex";
import { newId } from "../../../platform/ids.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import { insertEvent } from "../event-store.ts";
import { isMailed } from "./mail-texts.ts";
import { findReach } from "./reach-store.ts";

/** Something that happened to a purchase and is told to whoever listens. Money in `data` is decimal strings. */
export type Announcement = {
  readonly purchaseId: string;
  /** Such as `purchase.balance_low`; the webhook's type. */
  readonly type: string;
  /** Unique for the purchase: the same key again tells nothing. */
  readonly key: string;
  readonly data: Readonly<Record<string, string | number>>;
};

/**
 * Adds an event to a purchase's timeline, exactly once per key, and raises one wake for each way its customer and its vendor are told:
 * `notice/<event>`, `officex/<event>`, `email/<event>`. Each delivery is a workflow of its own, so none waits for another, and nothing of
 * it can hold up what is being announced. True when the event is new.
 */
export async function announce(transaction: Knex.Transaction, announcement: Announcement): Promise<boolean> {
  const id = newId("evt");
  const added = await insertEvent(transaction, { id, ...announcement, notify: true });
  if (!added) return false;
  const reach = await findReach(transaction, announcement.purchaseId);
  await raiseWake(transaction, `notice/${id}`);
  if (reach.hasOfficex) await raiseWake(transaction, `officex/${id}`);
  if (reach.hasEmail && isMailed(announcement.type)) await raiseWake(transaction, `email/${id}`);
  return true;
}
