import { nanodollars } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { preparedAs } from "../../../platform/database/prepared.ts";
import type { SettlementMode } from "../merchant.ts";
import type { Payment, PaymentDialect, PaymentStatus } from "../payment.ts";

/** A row of `access_payments` as the driver gives it. */
export type PaymentRow = {
  id: string;
  quote_id: string;
  merchant_id: string;
  asset_id: string;
  is_extension: boolean;
  session_id: string | null;
  dialect: PaymentDialect;
  status: PaymentStatus;
  settlement_mode: SettlementMode;
  network: string;
  token: string;
  pay_to: string;
  payer: string;
  amount_units: string;
  left_units: string;
  gross_nanodollars: string;
  fee_basis_points: number;
  fee_units: string;
  payload_key: string;
  payload_sealed: string | null;
  valid_until: Date | null;
  facilitator: string | null;
  transaction: string | null;
  key_hash: Buffer | null;
  failure_code: string | null;
  failure_detail: string | null;
  receipt: string | null;
  created_at: Date;
  resolved_at: Date | null;
};

/** The columns of a {@link PaymentRow}. */
export const PAYMENT_COLUMNS = [
  "id",
  "quote_id",
  "merchant_id",
  "asset_id",
  "is_extension",
  "session_id",
  "dialect",
  "status",
  "settlement_mode",
  "network",
  "token",
  "pay_to",
  "payer",
  "amount_units",
  "left_units",
  "gross_nanodollars",
  "fee_basis_points",
  "fee_units",
  "payload_key",
  "payload_sealed",
  "valid_until",
  "facilitator",
  "transaction",
  "key_hash",
  "failure_code",
  "failure_detail",
  "receipt",
  "created_at",
  "resolved_at",
] as const satisfies readonly (keyof PaymentRow)[];

/** A payment with what only its own room looks at: the hash of the client's key, and what was sent beyond the price. */
export type StoredPayment = Payment & { readonly keyHash: Buffer | null; readonly leftUnits: bigint };

/** A payment about to be asked for. */
export type NewPayment = Omit<
  StoredPayment,
  "status" | "failureCode" | "failureDetail" | "receipt" | "createdAt" | "resolvedAt"
>;

/** Writes a payment down as `submitted`. The unique keys refuse a second one by SQLSTATE 23505 and the constraint's name. */
export function insertPayment(database: Database, payment: NewPayment): Promise<StoredPayment> {
  return insertRow(database, payment, { status: "submitted", resolved_at: null });
}

/**
 * Writes down a payment that is on the chain already, or that a balance pays. It starts as `failed`, which no unique key counts, and is
 * resolved in the same transaction, so nobody ever sees it so.
 */
export async function insertClaim(database: Database, payment: NewPayment, now: Date): Promise<void> {
  await insertRow(database, payment, { status: "failed", resolved_at: now });
}

async function insertRow(
  database: Database,
  payment: NewPayment,
  state: { readonly status: PaymentStatus; readonly resolved_at: Date | null },
): Promise<StoredPayment> {
  const insertion = {
    ...state,
    id: payment.id,
    quote_id: payment.quoteId,
    merchant_id: payment.merchantId,
    asset_id: payment.assetId,
    is_extension: payment.isExtension,
    session_id: payment.sessionId,
    dialect: payment.dialect,
    settlement_mode: payment.settlementMode,
    network: payment.network,
    token: payment.token,
    pay_to: payment.payTo,
    payer: payment.payer,
    amount_units: payment.amountUnits.toString(),
    left_units: payment.leftUnits.toString(),
    gross_nanodollars: payment.gross.toString(),
    fee_basis_points: payment.feeBasisPoints,
    fee_units: payment.feeUnits.toString(),
    payload_key: payment.payloadKey,
    payload_sealed: payment.payloadSealed,
    valid_until: payment.validUntil,
    facilitator: payment.facilitator,
    transaction: payment.transaction,
    key_hash: payment.keyHash,
  };
  const rows: PaymentRow[] = await database("access_payments")
    .insert(insertion)
    .returning(PAYMENT_COLUMNS)
    .options(preparedAs("insert_payment"));
  return written(rows);
}

/** The payment that a statement has just written. Throws where it wrote none. */
export function written([row]: readonly PaymentRow[]): StoredPayment {
  if (row === undefined) throw new Error("a payment is gone that was just written");
  return toPayment(row);
}

/** Takes up a payment that failed before, as nothing moved: the same signed payload is tried again. Null when it is not failed. */
export async function resubmitPayment(
  database: Database,
  input: { readonly id: string; readonly keyHash: Buffer | null },
): Promise<StoredPayment | null> {
  const again = { status: "submitted", failure_code: null, failure_detail: null, resolved_at: null, transaction: null };
  const rows: PaymentRow[] = await database("access_payments")
    .where({ id: input.id, status: "failed" })
    .update({ ...again, key_hash: input.keyHash })
    .returning("*");
  return rows[0] === undefined ? null : toPayment(rows[0]);
}

/** A payment by id; null when there is none. */
export async function findPayment(database: Database, id: string): Promise<StoredPayment | null> {
  const row = await database<PaymentRow>("access_payments").where("id", id).first();
  return row === undefined ? null : toPayment(row);
}

/**
 * A payment as it is while its asset's row is held till commit, and the database's time then: whoever changes a payment takes that lock
 * first, so the payment's own row needs none. Null when there is none.
 */
export async function lockPayment(
  transaction: Database,
  id: string,
): Promise<{ readonly payment: StoredPayment; readonly now: Date } | null> {
  await transaction
    .raw("SELECT FROM assets WHERE id = (SELECT asset_id FROM access_payments WHERE id = ?) FOR NO KEY UPDATE", [id])
    .options(preparedAs("lock_asset_of_payment"));
  const { rows } = await transaction
    .raw<{ rows: (PaymentRow & { now: Date })[] }>(
      `SELECT ${PAYMENT_COLUMNS}, clock_timestamp() AS now FROM access_payments WHERE id = ?`,
      [id],
    )
    .options(preparedAs("payment_now"));
  return rows[0] === undefined ? null : { payment: toPayment(rows[0]), now: rows[0].now };
}

/** The payment a signed payload was taken as, whatever became of it; null when it was never seen on this network. */
export async function findPaymentByPayload(
  database: Database,
  input: { readonly network: string; readonly payloadKey: string },
): Promise<StoredPayment | null> {
  const row = await database<PaymentRow>("access_payments")
    .where({ network: input.network, payload_key: input.payloadKey })
    .first([...PAYMENT_COLUMNS])
    .options(preparedAs("payment_by_payload"));
  return row === undefined ? null : toPayment(row);
}

/** The payment made under a client's key that did not fail; null when there is none. */
export async function findPaymentByKey(database: Database, keyHash: Buffer): Promise<StoredPayment | null> {
  const row = await database<PaymentRow>("access_payments")
    .where("key_hash", keyHash)
    .whereNot("status", "failed")
    .first();
  return row === undefined ? null : toPayment(row);
}

/** The payment of a quote that did not fail; null when the quote may still be paid. */
export async function findPaymentOfQuote(database: Database, quoteId: string): Promise<StoredPayment | null> {
  const row = await database<PaymentRow>("access_payments")
    .where("quote_id", quoteId)
    .whereNot("status", "failed")
    .first();
  return row === undefined ? null : toPayment(row);
}

/** The payment that holds an asset for a new session; null when none is under way. */
export async function findPaymentUnderWay(database: Database, assetId: string): Promise<StoredPayment | null> {
  const row = await database<PaymentRow>("access_payments")
    .where({ asset_id: assetId, is_extension: false })
    .whereIn("status", ["submitted", "unknown"])
    .first();
  return row === undefined ? null : toPayment(row);
}

/** Whether a payment for a session is under way, which may still prolong it. */
export async function hasPaymentUnderWay(database: Database, input: { readonly sessionId: string }): Promise<boolean> {
  const row: unknown = await database("access_payments")
    .where("session_id", input.sessionId)
    .whereIn("status", ["submitted", "unknown"])
    .first("id");
  return row !== undefined;
}

/** A row in the words of the domain. Pure. */
export function toPayment(row: PaymentRow): StoredPayment {
  return {
    id: row.id,
    quoteId: row.quote_id,
    merchantId: row.merchant_id,
    assetId: row.asset_id,
    isExtension: row.is_extension,
    sessionId: row.session_id,
    dialect: row.dialect,
    status: row.status,
    settlementMode: row.settlement_mode,
    network: row.network,
    token: row.token,
    payTo: row.pay_to,
    payer: row.payer,
    amountUnits: BigInt(row.amount_units),
    leftUnits: BigInt(row.left_units),
    gross: nanodollars(BigInt(row.gross_nanodollars)),
    feeBasisPoints: row.fee_basis_points,
    feeUnits: BigInt(row.fee_units),
    payloadKey: row.payload_key,
    payloadSealed: row.payload_sealed,
    validUntil: row.valid_until,
    facilitator: row.facilitator,
    transaction: row.transaction,
    keyHash: row.key_hash,
    failureCode: row.failure_code,
    failureDetail: row.failure_detail,
    receipt: row.receipt,
    createdAt: row.created_at,
    resolvedAt: row.resolved_at,
  };
}
