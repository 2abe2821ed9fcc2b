import type { Database } from "../../../platform/database/pool.ts";
import { newId } from "../../../platform/ids.ts";
import { LOCK_ORDER } from "../deposits/deposit-store.ts";

/** Tokens on their way from one deposit address to the offramp wallet. `attempts` counts transactions tried. */
export type Sweep = {
  readonly id: string;
  readonly depositAddressId: string;
  readonly chain: string;
  readonly token: string;
  readonly destination: string;
  readonly amountUnits: bigint;
  readonly status: "open" | "swept" | "refused";
  readonly attempts: number;
  readonly settledTransactionHash: string | null;
  readonly entryId: string | null;
  /** Block of its oldest deposit: nothing of this sweep is older. */
  readonly sinceBlock: number;
  /**
   * The transfers it moves on, as "hash:index" in order: what the chain itself knows of them, so a restored database says the same. Of a
   * refund it is the request.
   */
  readonly transfers: string;
  /** The ledger account its deposits were credited to. */
  readonly account: string;
  /** The transaction of the deposit that is sent back by it; null when it goes to the treasury. */
  readonly refundedTransaction: string | null;
  /** The batch it is sent with; null when it goes alone. */
  readonly batchId: string | null;
  readonly ageSeconds: number;
};

const COLUMNS = `s.id, s.deposit_address_id AS "depositAddressId", s.chain, s.token, s.destination, s.amount_units AS "amountUnits",
  s.status, s.attempts, s.settled_transaction_hash AS "settledTransactionHash", s.entry_id AS "entryId", s.batch_id AS "batchId", extract(epoch FROM now() - s.created_at)::float8 AS "ageSeconds",
  (SELECT min(d.block_number) FROM deposits d WHERE d.sweep_id = s.id OR d.id = s.refunds_deposit_id) AS "sinceBlock",
  (SELECT d.transaction_hash FROM deposits d WHERE d.id = s.refunds_deposit_id) AS "refundedTransaction",
  coalesce(s.reference, (SELECT string_agg(d.transaction_hash || ':' || d.log_index, ',' ORDER BY d.transaction_hash, d.log_index)
    FROM deposits d WHERE d.sweep_id = s.id)) AS transfers,
  (SELECT a.account FROM deposit_addresses a WHERE a.id = s.deposit_address_id) AS account`;

type Row = Omit<Sweep, "amountUnits" | "sinceBlock"> & { readonly amountUnits: string; readonly sinceBlock: string };

/** A sweep by its id. */
export async function findSweep(database: Database, id: string): Promise<Sweep | undefined> {
  const { rows } = await database.raw<{ rows: Row[] }>(`SELECT ${COLUMNS} FROM sweeps s WHERE s.id = ?`, [id]);
  return rows[0] && readRow(rows[0]);
}

/** The sweep that took a deposit, if one did. */
async function findSweepOfDeposit(database: Database, depositId: string): Promise<Sweep | undefined> {
  const { rows } = await database.raw<{ rows: Row[] }>(
    `SELECT ${COLUMNS} FROM sweeps s JOIN deposits taken ON taken.sweep_id = s.id WHERE taken.id = ?`,
    [depositId],
  );
  return rows[0] && readRow(rows[0]);
}

/** The deposit address of a deposit. */
export async function findAddressOfDeposit(database: Database, depositId: string): Promise<string | undefined> {
  const { rows } = await database.raw<{ rows: { depositAddressId: string }[] }>(
    `SELECT deposit_address_id AS "depositAddressId" FROM deposits WHERE id = ?`,
    [depositId],
  );
  return rows[0]?.depositAddressId;
}

/**
 * The sweep of a deposit, or without `depositId` an open sweep of the address; where there is none, a new one that takes every
 * confirmed, unswept deposit of one token there (the deposit's token, or the oldest one's). Undefined when there is nothing to
 * take. One caller at a time per address.
 */
export async function claimSweep(
  transaction: Database,
  input: {
    readonly depositAddressId: string;
    readonly chain: string;
    readonly destination: string;
    readonly depositId?: string;
  },
): Promise<Sweep | undefined> {
  const { depositAddressId, chain, depositId } = input;
  await transaction.raw("SELECT FROM deposit_addresses WHERE id = ? FOR NO KEY UPDATE", [depositAddressId]);
  const existing =
    depositId === undefined
      ? await findOpenSweep(transaction, { depositAddressId, chain })
      : await findSweepOfDeposit(transaction, depositId);
  return existing ?? takeUnswept(transaction, input);
}

async function findOpenSweep(
  transaction: Database,
  input: { readonly depositAddressId: string; readonly chain: string },
): Promise<Sweep | undefined> {
  const { rows } = await transaction.raw<{ rows: Row[] }>(
    `SELECT ${COLUMNS} FROM sweeps s
     WHERE s.deposit_address_id = :depositAddressId AND s.chain = :chain AND s.status = 'open' AND s.refunds_deposit_id IS NULL ORDER BY s.created_at LIMIT 1`,
    input,
  );
  return rows[0] && readRow(rows[0]);
}

/** One statement, so the sum and the deposits it covers cannot differ. */
async function takeUnswept(transaction: Database, input: Parameters<typeof claimSweep>[1]): Promise<Sweep | undefined> {
  const id = newId("swp");
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    `WITH first AS (
       SELECT token FROM deposits
       WHERE deposit_address_id = :depositAddressId AND chain = :chain AND status = 'confirmed' AND sweep_id IS NULL
         AND (:depositId::text IS NULL OR id = :depositId) AND refunded_units < amount_units
       ORDER BY confirmed_at, id LIMIT 1
     ), taken AS (
       SELECT id, token, amount_units - refunded_units AS amount_units FROM deposits
       WHERE deposit_address_id = :depositAddressId AND chain = :chain AND status = 'confirmed' AND sweep_id IS NULL
         AND token = (SELECT token FROM first) AND refunded_units < amount_units
       ORDER BY ${LOCK_ORDER} FOR NO KEY UPDATE
     ), sweep AS (
       INSERT INTO sweeps (id, deposit_address_id, chain, token, destination, amount_units)
       SELECT :id, :depositAddressId, :chain, token, :destination, sum(amount_units) FROM taken GROUP BY token RETURNING id
     ), moved AS (
       UPDATE deposits SET sweep_id = :id WHERE id IN (SELECT id FROM taken)
     )
     SELECT id FROM sweep`,
    { ...input, id, depositId: input.depositId ?? null },
  );
  return rows.length === 0 ? undefined : findSweep(transaction, id);
}

/** Remembers which transaction moved the tokens when it was not (only) ours. */
export async function markSettledElsewhere(
  database: Database,
  input: { readonly id: string; readonly hash: string },
): Promise<void> {
  await database.raw(
    "UPDATE sweeps SET settled_transaction_hash = coalesce(settled_transaction_hash, :hash) WHERE id = :id AND status = 'open'",
    input,
  );
}

/** What a sweep of a deposit would take now: everything of its token at its address. Undefined when a sweep took it already. */
export async function findUnclaimed(
  database: Database,
  depositId: string,
): Promise<{ readonly token: string; readonly units: bigint } | undefined> {
  const { rows } = await database.raw<{ rows: { token: string; units: string }[] }>(
    `SELECT d.token, sum(o.amount_units - o.refunded_units) AS units FROM deposits d JOIN deposits o
       ON o.deposit_address_id = d.deposit_address_id AND o.chain = d.chain AND o.token = d.token
     WHERE d.id = ? AND d.status = 'confirmed' AND d.sweep_id IS NULL AND o.status = 'confirmed' AND o.sweep_id IS NULL
     GROUP BY d.token`,
    [depositId],
  );
  const [row] = rows;
  return row && { token: row.token, units: BigInt(row.units) };
}

/** Whether another sweep of the address counts a transaction as its own. */
export async function isSettledBy(
  database: Database,
  input: { readonly chain: string; readonly depositAddressId: string; readonly transactionHash: string },
): Promise<boolean> {
  const { rows } = await database.raw<{ rows: unknown[] }>(
    `SELECT FROM sweeps WHERE chain = :chain AND deposit_address_id = :depositAddressId
       AND settled_transaction_hash = :transactionHash LIMIT 1`,
    input,
  );
  return rows.length > 0;
}

/** Whether a sweep of ours is known to have been settled by a transaction. */
export async function isRecordedTransaction(database: Database, hash: string): Promise<boolean> {
  const { rows } = await database.raw<{ rows: unknown[] }>(
    "SELECT FROM sweeps WHERE settled_transaction_hash = ? LIMIT 1",
    [hash],
  );
  return rows.length === 1;
}

/** Closes a sweep. True for exactly one caller: the one that posts it, in this transaction. */
export async function markSwept(
  transaction: Database,
  input: { readonly id: string; readonly hash: string },
): Promise<boolean> {
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    `UPDATE sweeps SET status = 'swept', swept_at = now(), settled_transaction_hash = :hash
     WHERE id = :id AND status = 'open' RETURNING id`,
    input,
  );
  return rows.length === 1;
}

/** Links a closed sweep to its ledger entry. */
export async function linkSweepEntry(
  transaction: Database,
  input: { readonly id: string; readonly entryId: string },
): Promise<void> {
  await transaction.raw("UPDATE sweeps SET entry_id = :entryId WHERE id = :id", input);
}

/** Opens the next attempt after a reverted one; only if `attempt` still is the current. */
export async function nextAttempt(
  transaction: Database,
  input: { readonly id: string; readonly attempt: number },
): Promise<void> {
  await transaction.raw(
    "UPDATE sweeps SET attempts = attempts + 1 WHERE id = :id AND attempts = :attempt AND status = 'open'",
    input,
  );
}

function readRow(row: Row): Sweep {
  return { ...row, amountUnits: BigInt(row.amountUnits), sinceBlock: Number(row.sinceBlock) };
}
