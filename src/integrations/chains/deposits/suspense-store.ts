import type { Database } from "../../../platform/database/pool.ts";
import { DEPOSIT_COLUMNS, type Deposit, type DepositRow, readDepositRow } from "./deposit-store.ts";

/** One deposit by its id, its row held till commit; undefined when there is none. */
export async function lockDeposit(transaction: Database, id: string): Promise<Deposit | undefined> {
  const { rows } = await transaction.raw<{ rows: DepositRow[] }>(
    `SELECT ${DEPOSIT_COLUMNS} FROM deposits WHERE id = ? FOR UPDATE`,
    [id],
  );
  return rows[0] && readDepositRow(rows[0]);
}

/** Where a page of {@link listInSuspense} ended. */
export type SuspenseCursor = { readonly observedAt: Date; readonly id: string };

/** Deposits in suspense, oldest first, after a cursor; with `reason`, only those of one suspense account. */
export async function listInSuspense(
  database: Database,
  input: { readonly after: SuspenseCursor | null; readonly limit: number; readonly reason: string | null },
): Promise<readonly Deposit[]> {
  const { rows } = await database.raw<{ rows: DepositRow[] }>(
    `SELECT ${DEPOSIT_COLUMNS} FROM deposits
     WHERE status = 'suspense' AND (:observedAt::timestamptz IS NULL OR (date_trunc('milliseconds', observed_at), id) > (:observedAt, :id))
       AND (:reason::text IS NULL OR waiting_for = :reason)
     ORDER BY date_trunc('milliseconds', observed_at), id LIMIT :limit`,
    {
      observedAt: input.after?.observedAt.toISOString() ?? null,
      id: input.after?.id ?? "",
      limit: input.limit,
      reason: input.reason,
    },
  );
  return rows.map(readDepositRow);
}

/** Moves a locked deposit from suspense to a customer's account; the caller posts in the same transaction. */
export async function markAssigned(
  transaction: Database,
  input: { readonly id: string; readonly account: string; readonly from: string; readonly entryId: string },
): Promise<void> {
  await transaction.raw(
    `UPDATE deposits SET status = 'confirmed', waiting_for = NULL, account = :account, assigned_from = :from, entry_id = :entryId
     WHERE id = :id AND status = 'suspense'`,
    input,
  );
}
