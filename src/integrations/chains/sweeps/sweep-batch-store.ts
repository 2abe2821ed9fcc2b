import type { Database } from "../../../platform/database/pool.ts";
import { newId } from "../../../platform/ids.ts";
import { findSweep, type Sweep } from "./sweep-store.ts";

/** The key of a batch's one transaction. */
export function batchKey(batchId: string): string {
  return `batch:${batchId}`;
}

/** Open sweeps of a token that no transaction was made for yet, oldest first: those that wait could go together. */
export async function listBatchable(
  database: Database,
  input: { readonly chain: string; readonly token: string; readonly destination: string; readonly except: string },
): Promise<readonly Sweep[]> {
  const { rows } = await database.raw<{ rows: { id: string }[] }>(
    `SELECT s.id FROM sweeps s
     WHERE s.chain = :chain AND s.token = :token AND s.destination = :destination AND s.id <> :except AND s.status = 'open'
       AND s.batch_id IS NULL AND s.refunds_deposit_id IS NULL AND s.settled_transaction_hash IS NULL
       AND NOT EXISTS (SELECT FROM outgoing_transactions o WHERE o.key = 'sweep:' || s.id || ':' || s.attempts)
     ORDER BY s.created_at, s.id LIMIT 100`,
    input,
  );
  return readAll(database, rows);
}

/** Forms a batch of those sweeps that are in none yet. Answers the batch of `own`, which may be one that another caller formed. */
export async function formBatch(
  transaction: Database,
  input: { readonly chain: string; readonly token: string; readonly sweepIds: readonly string[]; readonly own: string },
): Promise<string> {
  const { rows: locked } = await transaction.raw<{ rows: { id: string; batchId: string | null }[] }>(
    `SELECT id, batch_id AS "batchId" FROM sweeps WHERE id = ANY(?) ORDER BY id FOR UPDATE`,
    [[...input.sweepIds]],
  );
  const taken = locked.find(({ id }) => id === input.own)?.batchId;
  if (typeof taken === "string") return taken;
  const id = newId("bat");
  const { chain, token } = input;
  await transaction.raw("INSERT INTO sweep_batches (id, chain, token) VALUES (:id, :chain, :token)", {
    id,
    chain,
    token,
  });
  const free = locked.filter(({ batchId }) => batchId === null).map((row) => row.id);
  await transaction.raw("UPDATE sweeps SET batch_id = ? WHERE id = ANY(?)", [id, free]);
  return id;
}

/** The sweeps of a batch, in a fixed order. */
export async function listBatch(database: Database, batchId: string): Promise<readonly Sweep[]> {
  const { rows } = await database.raw<{ rows: { id: string }[] }>(
    "SELECT id FROM sweeps WHERE batch_id = ? ORDER BY id",
    [batchId],
  );
  return readAll(database, rows);
}

/** Takes a sweep out of a batch in which it failed: its next attempt is its own. */
export async function leaveBatch(transaction: Database, sweepId: string): Promise<void> {
  await transaction.raw("UPDATE sweeps SET batch_id = NULL WHERE id = ?", [sweepId]);
}

/** One after the other: a transaction has one connection. */
async function readAll(database: Database, rows: readonly { readonly id: string }[]): Promise<readonly Sweep[]> {
  const sweeps: Sweep[] = [];
  for (const { id } of rows) {
    const sweep = await findSweep(database, id);
    if (sweep === undefined) throw new Error(`Sweep ${id} lost its row.`);
    sweeps.push(sweep);
  }
  return sweeps;
}
