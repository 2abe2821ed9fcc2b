import type { Database } from "../../../../platform/database/pool.ts";

/** Writes that a payment that counted is gone from the chain for good. It keeps the transaction it was counted by. */
export async function markPaymentReversed(
  transaction: Database,
  input: { readonly id: string; readonly code: string; readonly detail: string },
): Promise<void> {
  await transaction("access_payments")
    .where({ id: input.id })
    .update({ status: "reversed", failure_code: input.code, failure_detail: input.detail.slice(0, 1000) });
}
