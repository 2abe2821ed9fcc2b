import type { Knex } from "knex";
import { newId } from "../../platform/ids.ts";
import { raiseWake } from "../../platform/temporal/wake-store.ts";
import { insertEvent } from "./event-store.ts";

/** Something that happened to a purchase and is told to whoever listens. Money in `data` is decimal strings. */
export type Announcement = {
  readonly purchaseId: string;
  /** Such as `purchase.balance_low`; the webhook's type. */
  readonly type: string;
  /** Unique for the purchase: the same key again tells nothing. */
  readonly key: string;
  readonly data: Readonly<Record<string, string | number>>;
};

/** Adds an event to a purchase's timeline and raises the wake of its delivery, exactly once per key. True when it is new. */
export async function announce(transaction: Knex.Transaction, announcement: Announcement): Promise<boolean> {
  const id = newId("evt");
  const added = await insertEvent(transaction, { id, ...announcement, notify: true });
  if (added) await raiseWake(transaction, `notice/${id}`);
  return added;
}
