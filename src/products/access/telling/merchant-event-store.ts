import type { DeliveryAttempt } from "../../../integrations/notifications/delivery-log-store.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { preparedAs } from "../../../platform/database/prepared.ts";
import type { MerchantEvent } from "./merchant-event.ts";

const COLUMNS = `number, id, merchant_id AS "merchantId", type, event_key AS key, data, occurred_at AS "occurredAt",
  delivered_at AS "deliveredAt"`;

/**
 * Adds events, each unless its merchant has one with its key already, and raises `merchant-notice/<id>` for those whose merchants have a
 * webhook, all in one statement: every payment and every session says something. Answers the ids of those that are new.
 */
export async function insertMerchantEvents(
  database: Database,
  events: readonly Pick<MerchantEvent, "id" | "merchantId" | "type" | "key" | "data">[],
): Promise<readonly string[]> {
  const insertion = database.raw<{ rows: { id: string }[] }>(
    `WITH added AS (
       INSERT INTO access_events (id, merchant_id, type, event_key, data)
       SELECT * FROM unnest(:ids::text[], :merchants::text[], :types::text[], :keys::text[], :data::jsonb[])
       ON CONFLICT (merchant_id, event_key) DO NOTHING RETURNING id, merchant_id),
     woken AS MATERIALIZED (
       SELECT raise_wake('merchant-notice/' || a.id) FROM added a
         JOIN merchant_webhooks w ON w.merchant_id = a.merchant_id AND w.refused_at IS NULL)
     SELECT id, (SELECT count(*) FROM woken) AS woken FROM added`,
    {
      ids: events.map(({ id }) => id),
      merchants: events.map(({ merchantId }) => merchantId),
      types: events.map(({ type }) => type),
      keys: events.map(({ key }) => key),
      data: events.map(({ data }) => JSON.stringify(data)),
    },
  );
  const { rows } = await insertion.options(preparedAs("insert_merchant_events"));
  return rows.map(({ id }) => id);
}

/** One event by id; null when there is none. */
export async function findMerchantEvent(database: Database, id: string): Promise<MerchantEvent | null> {
  const result: { rows: MerchantEvent[] } = await database.raw(`SELECT ${COLUMNS} FROM access_events WHERE id = ?`, [
    id,
  ]);
  return result.rows[0] ?? null;
}

/** A merchant's events, newest first, below the number `before`. */
export async function listMerchantEvents(
  database: Database,
  input: {
    readonly merchantId: string;
    readonly type?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<readonly MerchantEvent[]> {
  const result: { rows: MerchantEvent[] } = await database.raw(
    `SELECT ${COLUMNS} FROM access_events WHERE merchant_id = :merchantId AND (:type::text IS NULL OR type = :type)
       AND (:before::bigint IS NULL OR number < :before) ORDER BY number DESC LIMIT :limit`,
    { ...input, type: input.type ?? null, before: input.before ?? null },
  );
  return result.rows;
}

/** Notes that the merchant's server took the event; the first time stays. */
export async function markMerchantEventDelivered(database: Database, id: string): Promise<void> {
  await database("access_events").where("id", id).whereNull("delivered_at").update({ delivered_at: database.fn.now() });
}

/** Deletes up to `limit` events older than 90 days, oldest first. Answers how many. */
export async function purgeMerchantEvents(database: Database, limit: number): Promise<number> {
  const deleted = await database.raw<{ rowCount: number }>(
    `DELETE FROM access_events WHERE number IN (
       SELECT number FROM access_events WHERE occurred_at < now() - interval '90 days' ORDER BY occurred_at
       LIMIT ? FOR UPDATE SKIP LOCKED)`,
    [limit],
  );
  return deleted.rowCount;
}

/** An attempt as its merchant reads it. */
export type MerchantAttempt = Pick<
  DeliveryAttempt,
  "eventId" | "attempt" | "destination" | "outcome" | "status" | "detail" | "attemptedAt" | "nextTryAt"
>;

/** The newest attempts to tell a merchant of its latest 200 events, newest first. */
export async function listMerchantAttempts(
  database: Database,
  input: { readonly merchantId: string; readonly limit: number },
): Promise<readonly MerchantAttempt[]> {
  const result: { rows: MerchantAttempt[] } = await database.raw(
    `SELECT a.event_id AS "eventId", a.attempt, a.destination, a.outcome, a.status, a.detail, a.attempted_at AS "attemptedAt",
       a.next_try_at AS "nextTryAt"
     FROM (SELECT id FROM access_events WHERE merchant_id = :merchantId ORDER BY number DESC LIMIT 200) e
       JOIN delivery_attempts a ON a.event_id = e.id AND a.channel = 'merchant_webhook'
     ORDER BY a.number DESC LIMIT :limit`,
    input,
  );
  return result.rows;
}
