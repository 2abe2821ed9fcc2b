import type { JsonValue } from "../../../errors.ts";
import type { Database } from "../../../platform/database/pool.ts";

/** The statuses that operators look through; sales that went well are the merchants' to read. */
export type WatchedStatus = "unknown" | "submitted" | "unserved" | "failed" | "reversed";

/** A payment as operators see it: what it is, what was last said of it, and whether its workflow waits for them. */
export type WatchedPayment = {
  readonly id: string;
  readonly status: WatchedStatus;
  readonly dialect: string;
  readonly merchant_id: string;
  readonly asset_id: string;
  readonly session_id: string | null;
  readonly network: string;
  readonly token: string;
  readonly pay_to: string;
  readonly payer: string;
  readonly amount_units: string;
  readonly gross_nanodollars: string;
  readonly transaction: string | null;
  readonly facilitator: string | null;
  readonly valid_until: Date | null;
  readonly created_at: Date;
  readonly age_seconds: number;
  /** Why it failed, or what was last said of it. */
  readonly code: string | null;
  readonly detail: string | null;
  /** The facilitator's latest answer, word for word. */
  readonly answer: JsonValue;
  readonly is_parked: boolean;
};

/** Payments of one status, the oldest first, from behind `after`. */
export async function selectWatchedPayments(
  database: Database,
  page: { readonly status: WatchedStatus; readonly after: string; readonly limit: number },
): Promise<readonly WatchedPayment[]> {
  const result: { rows: WatchedPayment[] } = await database.raw(
    `SELECT p.id, p.status, p.dialect, p.merchant_id, p.asset_id, p.session_id, p.network, p.token, p.pay_to, p.payer, p.amount_units,
       p.gross_nanodollars, p.transaction, p.facilitator, p.valid_until, p.created_at,
       floor(extract(epoch FROM now() - p.created_at))::float8 AS age_seconds,
       coalesce(p.failure_code, last.code) AS code, coalesce(p.failure_detail, last.detail) AS detail, said.answer,
       k.subject IS NOT NULL AS is_parked
     FROM access_payments p
       LEFT JOIN LATERAL (SELECT l.code, l.detail FROM access_payment_log l WHERE l.payment_id = p.id
         ORDER BY l.number DESC LIMIT 1) last ON true
       LEFT JOIN LATERAL (SELECT l.facilitator_response AS answer FROM access_payment_log l
         WHERE l.payment_id = p.id AND l.facilitator_response IS NOT NULL AND NOT jsonb_exists(l.facilitator_response, 'source')
         ORDER BY l.number DESC LIMIT 1) said ON true
       LEFT JOIN parked_workflows k ON k.subject = 'access-payment/' || p.id
     WHERE p.status = :status AND p.id > :after ORDER BY p.id LIMIT :limit`,
    { status: page.status, after: page.after, limit: page.limit },
  );
  return result.rows;
}
