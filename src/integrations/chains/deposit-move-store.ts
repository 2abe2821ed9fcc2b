import type { Database } from "../../platform/database/pool.ts";

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
