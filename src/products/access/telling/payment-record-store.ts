import type { JsonValue } from "../../../errors.ts";
import { nanodollars } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import type { Payment } from "../payment.ts";

/** A payment as its merchant sees it. */
export type PaymentRecord = Omit<
  Payment,
  "merchantId" | "payloadKey" | "payloadSealed" | "validUntil" | "settlementMode" | "feeBasisPoints"
>;

/** What is asked for; a page below the payment `before`, or below the log's line of that number. */
export type PaymentFilter = {
  readonly merchantId: string;
  readonly status?: string | undefined;
  readonly assetId?: string | undefined;
  readonly from?: Date | undefined;
  readonly until?: Date | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
};

/** One line of the payment log as it was written. `facilitatorResponse` is the facilitator's own words, for operators only. */
export type LogRecord = {
  readonly number: string;
  readonly paymentId: string | null;
  readonly quoteId: string | null;
  readonly merchantId: string;
  readonly assetId: string;
  readonly sessionId: string | null;
  readonly event: string;
  readonly success: boolean | null;
  readonly network: string | null;
  readonly token: string | null;
  readonly transaction: string | null;
  readonly payer: string | null;
  readonly amountUnits: string | null;
  readonly code: string | null;
  readonly detail: string | null;
  readonly facilitator: string | null;
  readonly facilitatorResponse: JsonValue;
  readonly occurredAt: Date;
};

/** What of the log is asked for; all of it is ANDed. */
export type LogFilter = {
  readonly merchantId?: string | undefined;
  readonly paymentId?: string | undefined;
  readonly assetId?: string | undefined;
  readonly event?: string | undefined;
  readonly success?: boolean | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
};

type Row = Omit<PaymentRecord, "amountUnits" | "gross" | "feeUnits"> & {
  readonly amountUnits: string;
  readonly gross: string;
  readonly feeUnits: string;
};

const PAYMENT = `id, quote_id AS "quoteId", asset_id AS "assetId", is_extension AS "isExtension", session_id AS "sessionId", dialect,
  status, network, token, pay_to AS "payTo", payer, amount_units AS "amountUnits", gross_nanodollars AS gross,
  fee_units AS "feeUnits", facilitator, transaction, failure_code AS "failureCode", failure_detail AS "failureDetail", receipt,
  created_at AS "createdAt", resolved_at AS "resolvedAt"`;
const LINE = `number, payment_id AS "paymentId", quote_id AS "quoteId", merchant_id AS "merchantId", asset_id AS "assetId",
  session_id AS "sessionId", event, success, network, token, transaction, payer, amount_units AS "amountUnits", code, detail,
  facilitator, facilitator_response AS "facilitatorResponse", occurred_at AS "occurredAt"`;

/** A merchant's payments, newest first. */
export async function selectPayments(database: Database, filter: PaymentFilter): Promise<readonly PaymentRecord[]> {
  const { status = null, assetId = null, from = null, until = null, before = null, merchantId, limit } = filter;
  const result: { rows: Row[] } = await database.raw(
    `SELECT ${PAYMENT} FROM access_payments
     WHERE merchant_id = :merchantId AND (:status::text IS NULL OR status = :status)
       AND (:assetId::text IS NULL OR asset_id = :assetId) AND (:from::timestamptz IS NULL OR created_at >= :from)
       AND (:until::timestamptz IS NULL OR created_at < :until) AND (:before::text IS NULL OR id < :before)
     ORDER BY id DESC LIMIT :limit`,
    { merchantId, status, assetId, from, until, before, limit },
  );
  return result.rows.map(toRecord);
}

/** One payment of a merchant; null when it has none of this id. */
export async function selectPayment(
  database: Database,
  input: { readonly merchantId: string; readonly id: string },
): Promise<PaymentRecord | null> {
  const result: { rows: Row[] } = await database.raw(
    `SELECT ${PAYMENT} FROM access_payments WHERE merchant_id = :merchantId AND id = :id`,
    input,
  );
  const [row] = result.rows;
  return row === undefined ? null : toRecord(row);
}

/** Lines of the payment log, newest first. */
export async function selectLogLines(database: Database, filter: LogFilter): Promise<readonly LogRecord[]> {
  const { merchantId = null, paymentId = null, assetId = null, event = null } = filter;
  const { success = null, before = null, limit } = filter;
  const result: { rows: LogRecord[] } = await database.raw(
    `SELECT ${LINE} FROM access_payment_log
     WHERE (:merchantId::text IS NULL OR merchant_id = :merchantId) AND (:paymentId::text IS NULL OR payment_id = :paymentId)
       AND (:assetId::text IS NULL OR asset_id = :assetId) AND (:event::text IS NULL OR event = :event)
       AND (:success::boolean IS NULL OR success = :success) AND (:before::bigint IS NULL OR number < :before)
     ORDER BY number DESC LIMIT :limit`,
    { merchantId, paymentId, assetId, event, success, before, limit },
  );
  return result.rows;
}

function toRecord(row: Row): PaymentRecord {
  return {
    ...row,
    amountUnits: BigInt(row.amountUnits),
    feeUnits: BigInt(row.feeUnits),
    gross: nanodollars(BigInt(row.gross)),
  };
}
