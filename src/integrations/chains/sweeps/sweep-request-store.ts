import type { Database } from "../../../platform/database/pool.ts";

/** Wakes a sweep for every confirmed deposit of an address that no sweep has taken yet. In the caller's transaction; repeating is harmless. */
export async function requestSweeps(transaction: Database, depositAddressId: string): Promise<void> {
  await transaction.raw(
    `SELECT raise_wake('sweep/' || id) FROM deposits
     WHERE deposit_address_id = ? AND status = 'confirmed' AND sweep_id IS NULL
       AND refunded_units < amount_units ORDER BY 'sweep/' || id`,
    [depositAddressId],
  );
}

/** Wakes every sweep and refund that stands still for want of gas on a chain. In the caller's transaction; repeating is harmless. */
export async function wakeForGas(transaction: Database, chain: string): Promise<void> {
  await transaction.raw(
    `SELECT raise_wake(p.subject) FROM parked_workflows p
     WHERE p.code = 'gas_tank_empty' AND (
       EXISTS (SELECT FROM deposits d WHERE d.chain = :chain AND p.subject = 'sweep/' || d.id)
       OR EXISTS (SELECT FROM refunds r WHERE r.chain = :chain AND p.subject = 'refund/' || r.id))
     ORDER BY p.subject`,
    { chain },
  );
}

/** The CAIP-2 id of the chain a deposit is on; undefined for an unknown deposit. */
export async function findChainOfDeposit(database: Database, depositId: string): Promise<string | undefined> {
  const row = await database<{ id: string; chain: string }>("deposits").where("id", depositId).first("chain");
  return row?.chain;
}

/** Wakes whoever waits for a deposit: its checkout or purchase. */
export async function wakeOwnerOfDeposit(transaction: Database, depositId: string): Promise<void> {
  await transaction.raw(
    `SELECT raise_wake(a.wake_subject) FROM deposits d JOIN deposit_addresses a ON a.id = d.deposit_address_id WHERE d.id = ?`,
    [depositId],
  );
}

/** Whether a deposit that no sweep took is promised back to its sender as a whole. */
export async function isSentBack(database: Database, depositId: string): Promise<boolean> {
  const { rows } = await database.raw<{ rows: unknown[] }>(
    "SELECT FROM deposits WHERE id = ? AND sweep_id IS NULL AND refunded_units = amount_units",
    [depositId],
  );
  return rows.length > 0;
}
