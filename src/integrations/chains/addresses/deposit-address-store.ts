import type { Database } from "../../../platform/database/pool.ts";
import type { ChainKind } from "../chain.ts";

/**
 * One address given to one payer, for life. `account` is credited by what arrives; `wakeSubject` is woken. `accepts` are the symbols of the
 * tokens that are credited; null takes every token the chain offers.
 */
export type DepositAddress = {
  readonly id: string;
  readonly keyRingId: string;
  readonly index: number;
  readonly kind: ChainKind;
  readonly address: string;
  readonly account: string;
  readonly wakeSubject: string;
  readonly createdAt: Date;
  readonly retiredAt: Date | null;
  readonly accepts: readonly string[] | null;
};

const COLUMNS = `id, key_ring_id AS "keyRingId", index, chain_kind AS "kind", address, account, wake_subject AS "wakeSubject",
  created_at AS "createdAt", retired_at AS "retiredAt", accepts`;

/** Makes sure the key ring's row exists and takes the next index. The sequence never gives one twice, whoever asks. */
export async function takeDepositIndex(
  database: Database,
  ring: { readonly id: string; readonly kind: ChainKind; readonly fingerprint: string },
): Promise<number> {
  const { rows } = await database.raw<{ rows: { index: number | string }[] }>(
    `WITH ring AS (
       INSERT INTO key_rings (id, chain_kind, xpub_fingerprint)
       SELECT :id, :kind, :fingerprint WHERE NOT EXISTS (SELECT FROM key_rings WHERE id = :id)
       ON CONFLICT DO NOTHING
     )
     SELECT nextval('deposit_address_index') AS index`,
    { id: ring.id, kind: ring.kind, fingerprint: ring.fingerprint },
  );
  const [row] = rows;
  if (row === undefined) throw new Error("The deposit index sequence gave no value.");
  return Number(row.index);
}

/** Stores a freshly derived address. */
export async function insertDepositAddress(
  database: Database,
  row: Omit<DepositAddress, "createdAt" | "retiredAt" | "accepts"> & Partial<Pick<DepositAddress, "accepts">>,
): Promise<void> {
  await database("deposit_addresses").insert({
    id: row.id,
    key_ring_id: row.keyRingId,
    index: row.index,
    chain_kind: row.kind,
    address: row.address,
    account: row.account,
    wake_subject: row.wakeSubject,
    accepts: row.accepts ?? null,
  });
}

/** One address by its id. */
export async function findDepositAddress(database: Database, id: string): Promise<DepositAddress | undefined> {
  const { rows } = await database.raw<{ rows: DepositAddress[] }>(
    `SELECT ${COLUMNS} FROM deposit_addresses WHERE id = ?`,
    [id],
  );
  return rows[0];
}

/** Which of these addresses are ours. Cost follows the candidates, not how many addresses exist. */
export async function matchDepositAddresses(
  database: Database,
  input: { readonly kind: ChainKind; readonly candidates: readonly string[] },
): Promise<readonly DepositAddress[]> {
  if (input.candidates.length === 0) return [];
  const { rows } = await database.raw<{ rows: DepositAddress[] }>(
    `SELECT ${COLUMNS} FROM deposit_addresses WHERE chain_kind = ? AND address = ANY(?)`,
    [input.kind, [...input.candidates]],
  );
  return rows;
}

/** Up to `limit` addresses of a kind, to decide whether a log filter can name them all. */
export async function listAddresses(
  database: Database,
  input: { readonly kind: ChainKind; readonly limit: number },
): Promise<readonly string[]> {
  const { rows } = await database.raw<{ rows: { address: string }[] }>(
    "SELECT address FROM deposit_addresses WHERE chain_kind = ? ORDER BY created_at LIMIT ?",
    [input.kind, input.limit],
  );
  return rows.map(({ address }) => address);
}

/** Seconds since the first address of a kind was given out; undefined while there is none. */
export async function oldestAddressAgeSeconds(database: Database, kind: ChainKind): Promise<number | undefined> {
  const { rows } = await database.raw<{ rows: { age: number | null }[] }>(
    "SELECT EXTRACT(EPOCH FROM now() - min(created_at))::float8 AS age FROM deposit_addresses WHERE chain_kind = ?",
    [kind],
  );
  return rows[0]?.age ?? undefined;
}

/** Marks an address as no longer offered. It stays watched for ever. */
export async function markRetired(database: Database, id: string): Promise<void> {
  await database.raw("UPDATE deposit_addresses SET retired_at = coalesce(retired_at, now()) WHERE id = ?", [id]);
}

/** Holds an address's row till commit: one caller at a time credits or sweeps there. Its key stays free: deposits found refer to it. */
export async function lockDepositAddress(transaction: Database, id: string): Promise<void> {
  await transaction.raw("SELECT FROM deposit_addresses WHERE id = ? FOR NO KEY UPDATE", [id]);
}

/** From now on deposits to the address wake another workflow: a checkout's address becomes its purchase's. */
export async function moveWakeSubject(
  transaction: Database,
  input: { readonly depositAddressId: string; readonly wakeSubject: string },
): Promise<void> {
  await transaction("deposit_addresses")
    .where("id", input.depositAddressId)
    .update({ wake_subject: input.wakeSubject });
}
