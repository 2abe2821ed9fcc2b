import { type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import type { SettlementMode } from "../merchant.ts";

/** What a settled payment gave for a session, and for whom. */
export type PaidPart = {
  readonly paymentId: string;
  readonly merchantId: string;
  readonly payer: string;
  readonly mode: SettlementMode;
  readonly gross: Nanodollars;
  readonly amountUnits: bigint;
  readonly feeUnits: bigint;
};

type PaidPartRow = {
  readonly id: string;
  readonly merchant_id: string;
  readonly payer: string;
  readonly settlement_mode: SettlementMode;
  readonly gross_nanodollars: string;
  readonly amount_units: string;
  readonly fee_units: string;
};

/** The settled payments of a session, the latest first. */
export async function selectPaidParts(database: Database, sessionId: string): Promise<readonly PaidPart[]> {
  const { rows } = await database.raw<{ readonly rows: readonly PaidPartRow[] }>(
    `SELECT id, merchant_id, payer, settlement_mode, gross_nanodollars, amount_units, fee_units FROM access_payments
     WHERE session_id = ? AND status = 'settled' ORDER BY resolved_at DESC, id DESC`,
    [sessionId],
  );
  return rows.map((row) => ({
    paymentId: row.id,
    merchantId: row.merchant_id,
    payer: row.payer,
    mode: row.settlement_mode,
    gross: nanodollars(BigInt(row.gross_nanodollars)),
    amountUnits: BigInt(row.amount_units),
    feeUnits: BigInt(row.fee_units),
  }));
}

/** What a session gave back already, in nanodollars. */
export async function sumReturned(database: Database, sessionId: string): Promise<bigint> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly sum: string }[] }>(
    "SELECT coalesce(sum(amount_nanodollars), 0)::text AS sum FROM access_returns WHERE session_id = ?",
    [sessionId],
  );
  return BigInt(rows[0]?.sum ?? 0);
}

/** Writes down what of a payment was given back. Throws where that was written before. */
export async function insertReturn(
  database: Database,
  input: {
    readonly sessionId: string;
    readonly paymentId: string;
    readonly merchantId: string;
    readonly amount: Nanodollars;
    readonly fee: Nanodollars;
    readonly now: Date;
  },
): Promise<void> {
  await database.raw(
    `INSERT INTO access_returns (session_id, payment_id, merchant_id, amount_nanodollars, fee_nanodollars, returned_at)
     VALUES (:sessionId, :paymentId, :merchantId, :amount, :fee, :now)`,
    { ...input, amount: `${input.amount}`, fee: `${input.fee}`, now: input.now.toISOString() },
  );
}
