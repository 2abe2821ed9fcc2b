import type { Database } from "../../../platform/database/pool.ts";
import type { UnsignedTransaction } from "../chain.ts";

/** One signed version. `isRaiseAsked`: an operator asked for higher fees since it was signed. */
export type TransactionVersion = { readonly hash: string; readonly ageSeconds: number; readonly isRaiseAsked: boolean };

/** Every hash a transaction was ever signed under, newest first: any of them may be the one that is mined. */
export async function listVersions(database: Database, id: string): Promise<readonly TransactionVersion[]> {
  const { rows } = await database.raw<{ rows: TransactionVersion[] }>(
    `SELECT v.hash, extract(epoch FROM now() - v.created_at)::float8 AS "ageSeconds",
       coalesce(o.raise_requested_at > v.created_at, false) AS "isRaiseAsked"
     FROM transaction_versions v JOIN outgoing_transactions o ON o.id = v.transaction_id
     WHERE v.transaction_id = ? ORDER BY v.version DESC`,
    [id],
  );
  return rows;
}

/** Stores another signed version of an unmined transaction, which is sent from now on; only if `replaces` still is the newest. */
export async function storeVersion(
  database: Database,
  input: {
    readonly id: string;
    readonly replaces: string;
    readonly unsigned: UnsignedTransaction;
    readonly raw: string;
    readonly hash: string;
  },
): Promise<void> {
  await database.raw(
    `WITH replaced AS (
       UPDATE outgoing_transactions SET unsigned = :unsigned::jsonb, raw = :raw, hash = :hash
       WHERE id = :id AND hash = :replaces AND status IN ('prepared', 'broadcast') RETURNING id, unsigned, raw, hash
     )
     INSERT INTO transaction_versions (transaction_id, version, unsigned, raw, hash)
     SELECT replaced.id, (SELECT max(version) + 1 FROM transaction_versions WHERE transaction_id = replaced.id), unsigned, raw, hash
     FROM replaced`,
    { ...input, unsigned: JSON.stringify(input.unsigned) },
  );
}

/** Asks for higher fees of whatever was sent and is in no block yet for the sweep of a deposit. Says how many those are. */
export async function requestRaise(transaction: Database, depositId: string): Promise<number> {
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    `UPDATE outgoing_transactions o SET raise_requested_at = clock_timestamp() FROM deposits d JOIN sweeps s ON s.id = d.sweep_id
     WHERE d.id = ? AND o.status = 'broadcast'
       AND (o.sweep_id = s.id OR o.key = 'batch:' || s.batch_id) RETURNING o.id`,
    [depositId],
  );
  return rows.length;
}

/** The same for a refund, whichever wallet it leaves. */
export async function requestRefundRaise(transaction: Database, refundId: string): Promise<number> {
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    `UPDATE outgoing_transactions o SET raise_requested_at = clock_timestamp() FROM refunds r
     WHERE r.id = ? AND o.status = 'broadcast' AND (o.refund_id = r.id OR o.sweep_id = r.sweep_id) RETURNING o.id`,
    [refundId],
  );
  return rows.length;
}
