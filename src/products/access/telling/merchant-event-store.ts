import type { Database } from "../../../platform/database/pool.ts";
import type { MerchantEvent } from "./merchant-event.ts";

const COLUMNS = `number, id, merchant_id AS "merchantId", type, event_key AS key, data, occurred_at AS "occurredAt",
  delivered_at AS "deliveredAt"`;

/** Adds an event unless its merchant has one with this key already; true when it is new. */
export async function insertMerchantEvent(
  database: Database,
  event: Pick<MerchantEvent, "id" | "merchantId" | "type" | "key" | "data">,
): Promise<boolean> {
  const added = await database("access_events")
    .insert({
      id: event.id,
      merchant_id: event.merchantId,
      type: event.type,
      event_key: event.key,
      data: JSON.stringify(event.data),
    })
    .onConflict(["merchant_id", "event_key"])
    .ignore()
    .returning("id");
  return added.length === 1;
}

/** One event by id; null when there is none. */
export async function findMerchantEvent(database: Database, id: string): Promise<MerchantEvent | null> {
  const result: { rows: MerchantEvent[] } = await database.raw(`SELECT ${COLUMNS} FROM access_events WHERE id = ?`, [
    id,
  ]);
  return result.rows[0] ?? null;
}
