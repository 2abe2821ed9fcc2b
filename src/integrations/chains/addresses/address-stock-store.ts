import type { Database } from "../../../platform/database/pool.ts";
import type { ChainKind } from "../chain.ts";

/** An address that nobody has yet, and where its key is found. */
export type StockedAddress = { readonly keyRingId: string; readonly index: number; readonly address: string };

/**
 * Takes the oldest free address out of the stock, for good once the caller's transaction commits; undefined when there is none. Parallel
 * callers pass over each other's.
 */
export async function takeStockedAddress(transaction: Database, kind: ChainKind): Promise<StockedAddress | undefined> {
  const { rows } = await transaction.raw<{ rows: StockedAddress[] }>(
    `DELETE FROM address_stock WHERE (key_ring_id, index) = (
       SELECT key_ring_id, index FROM address_stock WHERE chain_kind = ? ORDER BY index LIMIT 1 FOR UPDATE SKIP LOCKED
     ) RETURNING key_ring_id AS "keyRingId", index, address`,
    [kind],
  );
  return rows[0];
}

/** How many addresses of a key ring are free. */
export async function countStock(database: Database, keyRingId: string): Promise<number> {
  const { rows } = await database.raw<{ rows: { count: string }[] }>(
    "SELECT count(*) AS count FROM address_stock WHERE key_ring_id = ?",
    [keyRingId],
  );
  return Number(rows[0]?.count ?? 0);
}

/** Puts addresses into the stock; one that is there already stays. */
export async function addToStock(
  database: Database,
  input: { readonly kind: ChainKind; readonly addresses: readonly StockedAddress[] },
): Promise<void> {
  await database.raw(
    `INSERT INTO address_stock (key_ring_id, index, chain_kind, address)
     SELECT "keyRingId", index, :kind, address
     FROM jsonb_to_recordset(:addresses::jsonb) AS made("keyRingId" text, index integer, address text)
     ON CONFLICT DO NOTHING`,
    { kind: input.kind, addresses: JSON.stringify(input.addresses) },
  );
}

/** Takes free addresses of other key rings out: nobody was given them, and this worker could not sweep them. */
export async function removeForeignStock(
  database: Database,
  input: { readonly kind: ChainKind; readonly keyRingId: string },
): Promise<void> {
  await database.raw("DELETE FROM address_stock WHERE chain_kind = :kind AND key_ring_id <> :keyRingId", input);
}
