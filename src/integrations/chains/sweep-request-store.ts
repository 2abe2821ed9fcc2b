import type { Database } from "../../platform/database/pool.ts";

/** Wakes a sweep for every confirmed deposit of an address that no sweep has taken yet. In the caller's transaction; repeating is harmless. */
export async function requestSweeps(transaction: Database, depositAddressId: string): Promise<void> {
  await transaction.raw(
    `SELECT raise_wake('sweep/' || id) FROM deposits WHERE deposit_address_id = ? AND status = 'confirmed' AND sweep_id IS NULL`,
    [depositAddressId],
  );
}

/** The CAIP-2 id of the chain a deposit is on; undefined for an unknown deposit. */
export async function findChainOfDeposit(database: Database, depositId: string): Promise<string | undefined> {
  const row = await database<{ id: string; chain: string }>("deposits").where("id", depositId).first("chain");
  return row?.chain;
}
