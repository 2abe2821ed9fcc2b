import type { Database } from "../../platform/database/pool.ts";

/** One line of a purchase's timeline. `key` makes it exactly once; `notify` sends it to whoever listens. */
export type PurchaseEvent = {
  readonly id: string;
  readonly purchaseId: string;
  readonly type: string;
  readonly key: string;
  readonly data: Readonly<Record<string, string | number>>;
  readonly occurredAt: Date;
  readonly notify: boolean;
  readonly deliveredAt: Date | null;
};

type EventRow = {
  id: string;
  purchase_id: string;
  type: string;
  event_key: string;
  data: Record<string, string | number>;
  occurred_at: Date;
  notify: boolean;
  delivered_at: Date | null;
};

/** Adds an event unless its key is there already; true when it is new. */
export async function insertEvent(
  database: Database,
  event: Omit<PurchaseEvent, "occurredAt" | "deliveredAt">,
): Promise<boolean> {
  const added = await database("purchase_events")
    .insert({
      id: event.id,
      purchase_id: event.purchaseId,
      type: event.type,
      event_key: event.key,
      data: JSON.stringify(event.data),
      notify: event.notify,
    })
    .onConflict(["purchase_id", "event_key"])
    .ignore()
    .returning("id");
  return added.length === 1;
}

/** One event by id; null when there is none. */
export async function findEvent(database: Database, id: string): Promise<PurchaseEvent | null> {
  const row = await database<EventRow>("purchase_events").where("id", id).first();
  return row === undefined ? null : toEvent(row);
}

/** Which of these keys are in the purchase's timeline already. */
export async function findEventKeys(
  database: Database,
  input: { readonly purchaseId: string; readonly keys: readonly string[] },
): Promise<ReadonlySet<string>> {
  const rows = await database<EventRow>("purchase_events")
    .where("purchase_id", input.purchaseId)
    .whereRaw("event_key = ANY(?)", [[...input.keys]])
    .select("event_key");
  return new Set(rows.map((row) => row.event_key));
}

/** Which of these types a purchase's timeline holds. */
export async function findEventTypes(
  database: Database,
  input: { readonly purchaseId: string; readonly types: readonly string[] },
): Promise<ReadonlySet<string>> {
  const rows = await database<EventRow>("purchase_events")
    .where("purchase_id", input.purchaseId)
    .whereIn("type", [...input.types])
    .distinct("type");
  return new Set(rows.map((row) => row.type));
}

/** A purchase's timeline, oldest first, at most 500 lines. */
export async function listEvents(database: Database, purchaseId: string): Promise<readonly PurchaseEvent[]> {
  const rows = await database<EventRow>("purchase_events")
    .where("purchase_id", purchaseId)
    .orderBy(["occurred_at", "id"])
    .limit(500);
  return rows.map(toEvent);
}

/** Notes that the listener took the event; the first time stays. */
export async function markEventDelivered(database: Database, id: string): Promise<void> {
  await database("purchase_events")
    .where("id", id)
    .whereNull("delivered_at")
    .update({ delivered_at: database.fn.now() });
}

/** Forgets that the listener took the event, so that it is sent again. */
export async function unmarkEventDelivered(database: Database, id: string): Promise<void> {
  await database("purchase_events").where("id", id).update({ delivered_at: null });
}

function toEvent(row: EventRow): PurchaseEvent {
  return {
    id: row.id,
    purchaseId: row.purchase_id,
    type: row.type,
    key: row.event_key,
    data: row.data,
    occurredAt: row.occurred_at,
    notify: row.notify,
    deliveredAt: row.delivered_at,
  };
}
