import type { Database } from "../../../platform/database/pool.ts";
import { newId } from "../../../platform/ids.ts";
import type { SponsoredTransfer, UnsignedTransaction } from "../chain.ts";
import { requireNotRefused } from "../refunds/refund-store.ts";

/**
 * A transaction of a wallet of ours: its nonce is `reserved`, its bytes are stored (`prepared`), it was sent (`broadcast`), and
 * it is in the chain for good as `mined` or, reverted, `failed`. `expired`: proven never to be mined, on chains where that exists.
 */
export type OutgoingStatus = "reserved" | "prepared" | "broadcast" | "mined" | "failed" | "expired";

/**
 * One row of a wallet's lane. `raw` and `hash` are set from `prepared` on and name the version that is sent now, at last the one that
 * was mined; what was ever signed stays in `transaction_versions`. `nonce` is null on chains that have none.
 */
export type OutgoingTransaction = {
  readonly id: string;
  readonly key: string;
  readonly chain: string;
  readonly fromAddress: string;
  readonly nonce: number | null;
  readonly sweepId: string | null;
  readonly unsigned: UnsignedTransaction;
  readonly raw: string | null;
  readonly hash: string | null;
  readonly status: OutgoingStatus;
  readonly gasUsed: bigint | null;
  readonly feeUnits: bigint | null;
  readonly costRecordedAt: Date | null;
};

const COLUMNS = `id, key, chain, from_address AS "fromAddress", nonce, sweep_id AS "sweepId", unsigned, raw, hash, status, gas_used AS "gasUsed",
  fee_units AS "feeUnits", cost_recorded_at AS "costRecordedAt"`;

type Row = Omit<OutgoingTransaction, "nonce" | "gasUsed" | "feeUnits"> & {
  readonly nonce: string | null;
  readonly gasUsed: string | null;
  readonly feeUnits: string | null;
};

/** What the lane says about the next nonce: the row it gave, or between which nonces (`to` excluded) some were never given. */
export type Reservation =
  | { readonly outcome: "reserved"; readonly transaction: OutgoingTransaction }
  | { readonly outcome: "gap"; readonly from: number; readonly to: number };

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
 * how many transactions of the wallet the chain holds; a nonce between it and ours that we never gave is a gap. Throws `refund_closed`.
 */
export async function reserveNonce(
  transaction: Database,
  input: {
    readonly key: string;
    readonly chain: string;
    readonly wallet: string;
    readonly chainNonce: number;
    readonly unsigned: UnsignedTransaction;
    readonly sweepId?: string | undefined;
    readonly refundId?: string | undefined;
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
  await requireNotRefused(transaction, input);
  const { rows } = await transaction.raw<{ rows: { next: string; open: string }[] }>(
    `SELECT greatest(coalesce(max(nonce) + 1, 0), :chainNonce) AS next, count(*) FILTER (WHERE nonce >= :chainNonce) AS open
     FROM outgoing_transactions WHERE chain = :chain AND from_address = :wallet`,
    { chain, wallet, chainNonce },
  );
  const next = Number(rows[0]?.next ?? chainNonce);
  if (Number(rows[0]?.open ?? 0) !== next - chainNonce) return { outcome: "gap", from: chainNonce, to: next };
  const inserted = await transaction.raw<{ rows: Row[] }>(
    `INSERT INTO outgoing_transactions (id, key, chain, from_address, nonce, unsigned, sweep_id, refund_id)
     VALUES (:id, :key, :chain, :wallet, :next, :unsigned::jsonb, :sweepId, :refundId) RETURNING ${COLUMNS}`,
    {
      id: newId("otx"),
      key,
      chain,
      wallet,
      next,
      unsigned: JSON.stringify(unsigned),
      sweepId: input.sweepId ?? null,
      refundId: input.refundId ?? null,
    },
  );
  const [row] = inserted.rows;
  if (row === undefined) throw new Error("A reserved nonce was not stored.");
  return { outcome: "reserved", transaction: readRow(row) };
}

/** Stores the signed bytes once, as the row's first version; whoever comes second reads what is there. */
export async function storeSigned(
  database: Database,
  input: { readonly id: string; readonly raw: string; readonly hash: string },
): Promise<OutgoingTransaction> {
  await database.raw(
    `WITH signed AS (
       UPDATE outgoing_transactions SET raw = :raw, hash = :hash, status = 'prepared'
       WHERE id = :id AND status = 'reserved' RETURNING id, unsigned, raw, hash
     )
     INSERT INTO transaction_versions (transaction_id, version, unsigned, raw, hash)
     SELECT id, 1, unsigned, raw, hash FROM signed`,
    input,
  );
  const stored = await findOutgoing(database, input.id);
  if (stored === undefined) throw new Error("A signed transaction has no row.");
  return stored;
}

/**
 * Stores a signed transaction of a chain without nonces before it is sent. The same key always gets the row it got first, so whoever
 * comes second signs in vain and sends the first one's bytes. Throws `refund_closed`.
 */
export async function storeWithoutNonce(
  database: Database,
  input: {
    readonly key: string;
    readonly chain: string;
    readonly wallet: string;
    readonly unsigned: UnsignedTransaction | SponsoredTransfer;
    readonly raw: string;
    readonly hash: string;
    readonly sweepId?: string | undefined;
    readonly refundId?: string | undefined;
  },
): Promise<OutgoingTransaction> {
  await database.transaction(async (transaction) => {
    await requireNotRefused(transaction, input);
    await transaction.raw(
      `WITH signed AS (
       INSERT INTO outgoing_transactions (id, key, chain, from_address, unsigned, raw, hash, status, sweep_id, refund_id)
       VALUES (:id, :key, :chain, :wallet, :unsigned::jsonb, :raw, :hash, 'prepared', :sweepId, :refundId)
       ON CONFLICT (key) DO NOTHING RETURNING id, unsigned, raw, hash
     )
     INSERT INTO transaction_versions (transaction_id, version, unsigned, raw, hash)
     SELECT id, 1, unsigned, raw, hash FROM signed`,
      {
        ...input,
        id: newId("otx"),
        unsigned: JSON.stringify(input.unsigned),
        sweepId: input.sweepId ?? null,
        refundId: input.refundId ?? null,
      },
    );
  });
  const stored = await findOutgoingByKey(database, input.key);
  if (stored === undefined) throw new Error("A signed transaction was not stored.");
  return stored;
}

/** Closes a transaction that is proven never to be mined. Only chains whose transactions lose their validity know such. */
export async function markExpired(database: Database, id: string): Promise<void> {
  await database.raw(
    "UPDATE outgoing_transactions SET status = 'expired' WHERE id = ? AND status IN ('prepared', 'broadcast')",
    [id],
  );
}

/** Every transaction that was made for a sweep, oldest first. */
export async function listOutgoingOfSweep(
  database: Database,
  sweepId: string,
): Promise<readonly OutgoingTransaction[]> {
  const { rows } = await database.raw<{ rows: Row[] }>(
    `SELECT ${COLUMNS} FROM outgoing_transactions WHERE sweep_id = ? ORDER BY created_at, id`,
    [sweepId],
  );
  return rows.map(readRow);
}

/** Notes the first time the network took it. */
export async function markBroadcast(database: Database, id: string): Promise<void> {
  await database.raw(
    "UPDATE outgoing_transactions SET status = 'broadcast', broadcast_at = now() WHERE id = ? AND status = 'prepared'",
    [id],
  );
}

/** The row of a wallet's nonce; undefined when we never gave it. */
export async function findByNonce(
  database: Database,
  place: { readonly chain: string; readonly wallet: string; readonly nonce: number },
): Promise<OutgoingTransaction | undefined> {
  const { rows } = await database.raw<{ rows: Row[] }>(
    `SELECT ${COLUMNS} FROM outgoing_transactions WHERE chain = :chain AND from_address = :wallet AND nonce = :nonce`,
    place,
  );
  return rows[0] && readRow(rows[0]);
}

/** Takes a nonce nobody took, for a transaction that only fills the gap. Harmless when somebody was first. */
export async function insertFiller(
  database: Database,
  input: {
    readonly chain: string;
    readonly wallet: string;
    readonly nonce: number;
    readonly unsigned: UnsignedTransaction;
    readonly sweepId: string | null;
  },
): Promise<void> {
  await database.raw(
    `INSERT INTO outgoing_transactions (id, key, chain, from_address, nonce, unsigned, sweep_id)
     VALUES (:id, :key, :chain, :wallet, :nonce, :unsigned::jsonb, :sweepId) ON CONFLICT DO NOTHING`,
    {
      ...input,
      id: newId("otx"),
      key: `fill:${input.chain}:${input.wallet}:${input.nonce}`,
      unsigned: JSON.stringify(input.unsigned),
    },
  );
}

/** Notes that it is in the chain for good, with what it really cost. */
export async function markMined(
  database: Database,
  input: {
    readonly id: string;
    /** The version that was mined; absent, the newest. */
    readonly hash?: string;
    readonly succeeded: boolean;
    readonly blockNumber: number;
    readonly gasUsed: bigint;
    readonly feeUnits: bigint;
  },
): Promise<void> {
  await database.raw(
    `UPDATE outgoing_transactions SET status = :status, mined_at = now(), block_number = :blockNumber,
       gas_used = :gasUsed, fee_units = :feeUnits, hash = coalesce(:hash, hash),
       raw = coalesce((SELECT v.raw FROM transaction_versions v WHERE v.hash = :hash), raw)
     WHERE id = :id AND status IN ('prepared', 'broadcast')`,
    {
      id: input.id,
      hash: input.hash ?? null,
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
    nonce: row.nonce === null ? null : Number(row.nonce),
    gasUsed: row.gasUsed === null ? null : BigInt(row.gasUsed),
    feeUnits: row.feeUnits === null ? null : BigInt(row.feeUnits),
  };
}
