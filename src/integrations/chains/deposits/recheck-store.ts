import type { Database } from "../../../platform/database/pool.ts";
import type { BlockReference } from "../chain.ts";
import { DEPOSIT_COLUMNS, type Deposit, type DepositRow, LOCK_ORDER, readDepositRow } from "./deposit-store.ts";

/** Credited deposits whose block may still be replaced and that were not looked at since `checkedBefore`; oldest look first. */
export async function listNotFinal(
  database: Database,
  input: { readonly chain: string; readonly checkedBefore: number; readonly limit: number },
): Promise<readonly Deposit[]> {
  const { rows } = await database.raw<{ rows: DepositRow[] }>(
    `SELECT ${DEPOSIT_COLUMNS} FROM deposits
     WHERE chain = :chain AND final_at IS NULL AND status IN ('confirmed', 'suspense', 'refunded')
       AND (checked_block IS NULL OR checked_block <= :checkedBefore OR doubted_block IS NOT NULL)
     ORDER BY checked_block NULLS FIRST, block_number, id LIMIT :limit`,
    input,
  );
  return rows.map(readDepositRow);
}

/** A reorg was seen: every credited deposit that is not final is due for a look. Kept in the rows, so a crash forgets none. */
export async function doubtEverything(database: Database, chain: string): Promise<void> {
  await database.raw(
    `UPDATE deposits SET checked_block = NULL
     WHERE id IN (SELECT id FROM deposits
       WHERE chain = ? AND final_at IS NULL AND status IN ('confirmed', 'suspense', 'refunded') AND checked_block IS NOT NULL
       ORDER BY ${LOCK_ORDER} FOR NO KEY UPDATE)`,
    [chain],
  );
}

/** Their blocks are what they were, at this head; with `final`, for good. */
export async function markChecked(
  database: Database,
  input: { readonly ids: readonly string[]; readonly head: number; readonly final: boolean },
): Promise<void> {
  if (input.ids.length === 0) return;
  await database.raw(
    `UPDATE deposits SET checked_block = :head, doubted_block = NULL, final_at = CASE WHEN :final THEN now() END,
       waiting_for = CASE WHEN doubted_block IS NOT NULL AND status = 'confirmed' THEN NULL ELSE waiting_for END
     WHERE id IN (SELECT id FROM deposits WHERE id = ANY(:ids) AND final_at IS NULL ORDER BY ${LOCK_ORDER} FOR NO KEY UPDATE)`,
    { ids: [...input.ids], head: input.head, final: input.final },
  );
}

/** Its block was replaced and it is nowhere else: seen for the first time at `head`, which stays. True when it is news. */
export async function markDoubted(
  database: Database,
  input: { readonly id: string; readonly head: number; readonly reason: string },
): Promise<boolean> {
  const { rows } = await database.raw<{ rows: { news: boolean }[] }>(
    `UPDATE deposits d SET doubted_block = coalesce(d.doubted_block, :head), checked_block = :head,
       waiting_for = CASE WHEN d.status = 'confirmed' THEN :reason ELSE d.waiting_for END
     FROM (SELECT id, doubted_block IS NULL AS news FROM deposits WHERE id = :id FOR UPDATE) before
     WHERE d.id = before.id AND d.final_at IS NULL RETURNING before.news`,
    input,
  );
  return rows[0]?.news === true;
}

/** The same transfer is in another block now: the credit stays and its way to finality begins again. */
export async function moveDeposit(
  database: Database,
  input: { readonly deposit: Pick<Deposit, "id" | "blockHash">; readonly block: BlockReference; readonly head: number },
): Promise<boolean> {
  const { rows } = await database.raw<{ rows: unknown[] }>(
    `UPDATE deposits SET block_number = :number, block_hash = :hash, checked_block = :head, doubted_block = NULL,
       waiting_for = CASE WHEN status = 'confirmed' THEN NULL ELSE waiting_for END
     WHERE id = :id AND block_hash = :before AND final_at IS NULL RETURNING id`,
    {
      id: input.deposit.id,
      before: input.deposit.blockHash,
      number: input.block.number,
      hash: input.block.hash,
      head: input.head,
    },
  );
  return rows.length === 1;
}

/** Turns a credited deposit into a reversed one; the caller posts in the same transaction. False when it changed in the meantime. */
export async function markReversed(
  transaction: Database,
  input: { readonly deposit: Pick<Deposit, "id" | "blockHash" | "status" | "account">; readonly reason: string },
): Promise<boolean> {
  const { id, blockHash, status, account } = input.deposit;
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    `UPDATE deposits SET status = 'reversed', waiting_for = :reason, doubted_block = NULL
     WHERE id = :id AND block_hash = :blockHash AND status = :status AND account = :account AND final_at IS NULL RETURNING id`,
    { id, blockHash, status, account, reason: input.reason },
  );
  return rows.length === 1;
}

/** Whether a recorded sweep has taken the deposit's tokens to the offramp wallet, and by which transaction. */
export async function findRecordedSweep(
  database: Database,
  sweepId: string,
): Promise<{ readonly transactionHash: string | null } | undefined> {
  const { rows } = await database.raw<{ rows: { transactionHash: string | null }[] }>(
    `SELECT settled_transaction_hash AS "transactionHash" FROM sweeps WHERE id = ? AND status = 'swept'`,
    [sweepId],
  );
  return rows[0];
}
