import type { Database } from "../../../platform/database/pool.ts";
import { preparedAs } from "../../../platform/database/prepared.ts";
import { PAYMENT_COLUMNS, type PaymentRow, type StoredPayment, toPayment, written } from "./payment-store.ts";

/** What becomes of a payment that is under way, or that was taken for failed and landed all the same. */
export type PaymentResolution = {
  readonly id: string;
  readonly status: "settled" | "unserved" | "failed";
  readonly at: Date;
  readonly sessionId: string | null;
  readonly transaction: string | null;
  readonly receipt: string | null;
  readonly failureCode: string | null;
  readonly failureDetail: string | null;
};

/** Writes the end of a payment and answers it. The caller holds the asset's row and has read the payment under it. */
export async function resolvePaymentRow(transaction: Database, resolution: PaymentResolution): Promise<StoredPayment> {
  const { id, status, at, sessionId, receipt, failureCode, failureDetail } = resolution;
  const rows: PaymentRow[] = await transaction("access_payments")
    .where({ id })
    .update({
      status,
      resolved_at: at,
      session_id: sessionId,
      receipt,
      failure_code: failureCode,
      failure_detail: failureDetail,
      transaction: transaction.raw("coalesce(?, transaction)", [resolution.transaction]),
    })
    .returning(PAYMENT_COLUMNS)
    .options(preparedAs("resolve_payment"));
  return written(rows);
}

/** Notes that the outcome of a payment under way is in doubt, with the transaction it may be, where one was named; null when it has ended. */
export async function markPaymentUnknown(
  transaction: Database,
  input: { readonly id: string; readonly transaction: string | null },
): Promise<StoredPayment | null> {
  const rows: PaymentRow[] = await transaction("access_payments")
    .where("id", input.id)
    .whereIn("status", ["submitted", "unknown"])
    .update({ status: "unknown", ...(input.transaction === null ? {} : { transaction: input.transaction }) })
    .returning("*");
  return rows[0] === undefined ? null : toPayment(rows[0]);
}
