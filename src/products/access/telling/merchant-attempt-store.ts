import type { DeliveryAttempt } from "../../../integrations/notifications/delivery-log-store.ts";
import type { Database } from "../../../platform/database/pool.ts";

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
