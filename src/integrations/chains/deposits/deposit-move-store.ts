import type { Database } from "../../../platform/database/pool.ts";

/** Says whose a credited deposit is from now on, and by which entry. */
export async function markMoved(
  transaction: Database,
  input: { readonly id: string; readonly account: string; readonly from: string; readonly entryId: string },
): Promise<void> {
  await transaction.raw(
    `UPDATE deposits SET account = :account, assigned_from = :from, entry_id = :entryId WHERE id = :id AND status = 'confirmed'`,
    input,
  );
}

/** Whether any of a deposit was sent back, or is promised to be. */
export async function isPartlyRefunded(transaction: Database, id: string): Promise<boolean> {
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    "SELECT FROM deposits WHERE id = ? AND refunded_units > 0",
    [id],
  );
  return rows.length > 0;
}
