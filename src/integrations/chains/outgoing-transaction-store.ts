import type { Database } from "../../platform/database/pool.ts";
import { newId } from "../../platform/ids.ts";
import type { UnsignedTransaction } from "./chain.ts";

/**
 * A transaction of the vendor wallet: its nonce is `reserved`, its bytes are stored (`prepared`), it was sent (`broadcast`), and
 * it is in the chain for good as `mined` or, reverted, `failed`.
 */
export type OutgoingStatus = "reserved" | "prepared" | "broadcast" | "mined" | "failed";

/** One row of the wallet's lane. `raw` and `hash` are set from `prepared` on and never change afterwards. */
export type OutgoingTransaction = {
  readonly id: string;
  readonly key: string;
  readonly chain: string;
  readonly fromAddress: string;
  readonly nonce: number;
  readonly unsigned: UnsignedTransaction;
  readonly raw: string | null;
  readonly hash: string | null;
  readonly status: OutgoingStatus;
  readonly gasUsed: bigint | null;
  readonly feeUnits: bigint | null;
  readonly costRecordedAt: Date | null;
};

const COLUMNS = `id, key, chain, from_address AS "fromAddress", nonce, unsigned, raw, hash, status, gas_used AS "gasUsed",
  fee_units AS "feeUnits", cost_recorded_at AS "costRecordedAt"`;

type Row = Omit<OutgoingTransaction, "nonce" | "gasUsed" | "feeUnits"> & {
  readonly nonce: string;
  readonly gasUsed: string | null;
  readonly feeUnits: string | null;
};

/** What the lane says about the next nonce: the row it gave, or the nonce that is missing on the chain. */
export type Reservation =
  | { readonly outcome: "reserved"; readonly transaction: OutgoingTransaction }
  | { readonly outcome: "gap"; readonly nonce: number };

/** A transaction by its key, such as `sweep:<id>:1`. */
export async function findOutgoingByKey(database: Database, key: string): Promise<OutgoingTransaction | undefined> {
  const { rows } = await database.raw<{ rows: Row[] }>(`SELECT ${COLUMNS} FROM outgoing_transactions WHERE key = ?`, [
    key,
  ]);
  return rows[0] && readRow(rows[0]);
}

/** A transaction by its id. */
export async function findOutgoing(database: Database, id: string): Promise<OutgoingTransaction | undefined> {
  const { rows } = await database.raw<{ rows: Row[] }>(`SELECT ${COLUMNS} FROM outgoing_transactions WHERE id = ?`, [
    id,
  ]);
  return rows[0] && readRow(rows[0]);
}

/**
 * Gives the wallet's next nonce to `key`, one caller at a time. The same key always gets the row it got first. `chainNonce` is
 * how many transactions of the wallet the chain holds; a nonce between it and ours that we never gave is a gap.
 */
export async function reserveNonce(
  transaction: Database,
  input: {
    readonly key: string;
    readonly chain: string;
    readonly wallet: string;
    readonly chainNonce: number;
    readonly unsigned: UnsignedTransaction;
  },
): Promise<Reservation> {
  const { key, chain, wallet, chainNonce, unsigned } = input;
  await transaction.raw("INSERT INTO wallet_lanes (chain, address) VALUES (?, ?) ON CONFLICT DO NOTHING", [
    chain,
    wallet,
  ]);
  await transaction.raw("SELECT FROM wallet_lanes WHERE chain = ? AND address = ? FOR UPDATE", [chain, wallet]);
  const existing = await findOutgoingByKey(transaction, key);
  if (existing !== undefined) return { outcome: "reserved", transaction: existing };
  const { rows } = await transaction.raw<{ rows: { next: string; open: string }[] }>(
    `SELECT greatest(coalesce(max(nonce) + 1, 0), :chainNonce) AS next, count(*) FILTER (WHERE nonce >= :chainNonce) AS open
     FROM outgoing_transactions WHERE chain = :chain AND from_address = :wallet`,
    { chain, wallet, chainNonce },
  );
  const next = Number(rows[0]?.next ?? chainNonce);
  if (Number(rows[0]?.open ?? 0) !== next - chainNonce) return { outcome: "gap", nonce: chainNonce };
  const inserted = await transaction.raw<{ rows: Row[] }>(
    `INSERT INTO outgoing_transactions (id, key, chain, from_address, nonce, unsigned)
     VALUES (:id, :key, :chain, :wallet, :next, :unsigned::jsonb) RETURNING ${COLUMNS}`,
    { id: newId("otx"), key, chain, wallet, next, unsigned: JSON.stringify(unsigned) },
  );
  const [row] = inserted.rows;
  if (row === undefined) throw new Error("A reserved nonce was not stored.");
  return { outcome: "reserved", transaction: readRow(row) };
}

/** Stores the signed bytes once; whoever comes second reads what is there. */
export async function storeSigned(
  database: Database,
  input: { readonly id: string; readonly raw: string; readonly hash: string },
): Promise<OutgoingTransaction> {
  await database.raw(
    "UPDATE outgoing_transactions SET raw = :raw, hash = :hash, status = 'prepared' WHERE id = :id AND status = 'reserved'",
    input,
  );
  const stored = await findOutgoing(database, input.id);
  if (stored === undefined) throw new Error("A signed transaction has no row.");
  return stored;
}

/** Notes the first time the network took it. */
export async function markBroadcast(database: Database, id: string): Promise<void> {
  await database.raw(
    "UPDATE outgoing_transactions SET status = 'broadcast', broadcast_at = now() WHERE id = ? AND status = 'prepared'",
    [id],
  );
}

/** Notes that it is in the chain for good, with what it really cost. */
export async function markMined(
  database: Database,
  input: {
    readonly id: string;
    readonly succeeded: boolean;
    readonly blockNumber: number;
    readonly gasUsed: bigint;
    readonly feeUnits: bigint;
  },
): Promise<void> {
  await database.raw(
    `UPDATE outgoing_transactions SET status = :status, mined_at = now(), block_number = :blockNumber,
       gas_used = :gasUsed, fee_units = :feeUnits
     WHERE id = :id AND status IN ('prepared', 'broadcast')`,
    {
      id: input.id,
      status: input.succeeded ? "mined" : "failed",
      blockNumber: input.blockNumber,
      gasUsed: input.gasUsed.toString(),
      feeUnits: input.feeUnits.toString(),
    },
  );
}

/** True for exactly one caller: the one that must post the cost, in this transaction. */
export async function claimCost(transaction: Database, id: string): Promise<boolean> {
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    "UPDATE outgoing_transactions SET cost_recorded_at = now() WHERE id = ? AND cost_recorded_at IS NULL RETURNING id",
    [id],
  );
  return rows.length === 1;
}

function readRow(row: Row): OutgoingTransaction {
  return {
    ...row,
    nonce: Number(row.nonce),
    gasUsed: row.gasUsed === null ? null : BigInt(row.gasUsed),
    feeUnits: row.feeUnits === null ? null : BigInt(row.feeUnits),
  };
}
