import type { Database } from "../../platform/database/pool.ts";
import { newId } from "../../platform/ids.ts";
import type { TokenTransfer } from "./chain.ts";

/** A deposit's life: seen in a block, deep enough and credited, or its block is no longer part of the chain. */
export type DepositStatus = "observed" | "confirmed" | "orphaned";

/**
 * One token transfer to one of our addresses. `logIndex` counts inside the transaction. `waitingFor` says why an observed one
 * is not credited yet; `sweepId` is set once a sweep took it.
 */
export type Deposit = {
  readonly id: string;
  readonly chain: string;
  readonly token: string;
  readonly transactionHash: string;
  readonly logIndex: number;
  readonly blockNumber: number;
  readonly blockHash: string;
  readonly fromAddress: string;
  readonly address: string;
  readonly amountUnits: bigint;
  readonly status: DepositStatus;
  readonly waitingFor: string | null;
  readonly depositAddressId: string;
  readonly account: string;
  readonly sweepId: string | null;
  readonly observedAt: Date;
  readonly confirmedAt: Date | null;
  readonly entryId: string | null;
};

const COLUMNS = `id, chain, token, transaction_hash AS "transactionHash", log_index AS "logIndex",
  block_number AS "blockNumber", block_hash AS "blockHash", from_address AS "fromAddress", address,
  amount_units AS "amountUnits", status, waiting_for AS "waitingFor", deposit_address_id AS "depositAddressId", account,
  sweep_id AS "sweepId", observed_at AS "observedAt", confirmed_at AS "confirmedAt", entry_id AS "entryId"`;

type Row = Omit<Deposit, "amountUnits" | "blockNumber"> & {
  readonly amountUnits: string;
  readonly blockNumber: string;
};

/**
 * Stores what was found. A transfer already known keeps its row; while it is not confirmed, a row whose transaction moved to
 * another block follows it. Wakes the subject of each row that is new or changed. Returns how many those were.
 */
export async function storeObserved(
  database: Database,
  input: {
    readonly chain: string;
    readonly transfers: readonly (TokenTransfer & {
      readonly logIndex: number;
      readonly depositAddressId: string;
      readonly account: string;
    })[];
  },
): Promise<number> {
  if (input.transfers.length === 0) return 0;
  const rows = input.transfers.map((transfer) => ({
    id: newId("dep"),
    token: transfer.token,
    transaction_hash: transfer.transactionHash,
    log_index: transfer.logIndex,
    block_number: transfer.block.number,
    block_hash: transfer.block.hash,
    from_address: transfer.from,
    address: transfer.to,
    amount_units: transfer.amountUnits.toString(),
    deposit_address_id: transfer.depositAddressId,
    account: transfer.account,
  }));
  const result = await database.raw<{ rows: { stored: string }[] }>(
    `WITH stored AS (
       INSERT INTO deposits (id, chain, token, transaction_hash, log_index, block_number, block_hash, from_address, address,
         amount_units, deposit_address_id, account)
       SELECT id, :chain, token, transaction_hash, log_index, block_number, block_hash, from_address, address,
         amount_units, deposit_address_id, account
       FROM jsonb_to_recordset(:rows::jsonb) AS found(id text, token text, transaction_hash text, log_index integer,
         block_number bigint, block_hash text, from_address text, address text, amount_units numeric, deposit_address_id text,
         account text)
       ORDER BY transaction_hash, log_index
       ON CONFLICT (chain, transaction_hash, log_index) DO UPDATE
         SET block_number = excluded.block_number, block_hash = excluded.block_hash, status = 'observed', waiting_for = NULL
         WHERE deposits.status = 'orphaned' OR (deposits.status = 'observed' AND deposits.block_hash <> excluded.block_hash)
       RETURNING deposit_address_id
     )
     SELECT raise_wake(woken.subject), (SELECT count(*) FROM stored) AS stored
     FROM (SELECT wake_subject AS subject FROM deposit_addresses WHERE id IN (SELECT deposit_address_id FROM stored)
       ORDER BY wake_subject) woken`,
    { chain: input.chain, rows: JSON.stringify(rows) },
  );
  return Number(result.rows[0]?.stored ?? 0);
}

/** Observed deposits of a chain, oldest block first; with `depositAddressId`, only those of one address. */
export async function listObserved(
  database: Database,
  input: { readonly chain: string; readonly limit: number; readonly depositAddressId?: string },
): Promise<readonly Deposit[]> {
  const { rows } = await database.raw<{ rows: Row[] }>(
    `SELECT ${COLUMNS} FROM deposits
     WHERE chain = :chain AND status = 'observed' AND (:address::text IS NULL OR deposit_address_id = :address)
     ORDER BY block_number, transaction_hash, log_index LIMIT :limit`,
    { chain: input.chain, limit: input.limit, address: input.depositAddressId ?? null },
  );
  return rows.map(readRow);
}

/** Everything that reached one address, oldest first. */
export async function listDeposits(database: Database, depositAddressId: string): Promise<readonly Deposit[]> {
  const { rows } = await database.raw<{ rows: Row[] }>(
    `SELECT ${COLUMNS} FROM deposits WHERE deposit_address_id = ? ORDER BY observed_at, transaction_hash, log_index`,
    [depositAddressId],
  );
  return rows.map(readRow);
}

/** Takes a deposit out of the running: its block is not canonical any more. Only if it still names that block. */
export async function markOrphaned(database: Database, deposit: Deposit, reason: string): Promise<boolean> {
  const { rows } = await database.raw<{ rows: unknown[] }>(
    `WITH orphaned AS (
       UPDATE deposits SET status = 'orphaned', waiting_for = :reason
       WHERE id = :id AND status = 'observed' AND block_hash = :blockHash RETURNING deposit_address_id
     )
     SELECT raise_wake(wake_subject) FROM deposit_addresses WHERE id IN (SELECT deposit_address_id FROM orphaned)`,
    { id: deposit.id, blockHash: deposit.blockHash, reason },
  );
  return rows.length === 1;
}

/** Notes why an observed deposit is not credited yet; null clears it. Writes nothing when that is already said. */
export async function markWaiting(database: Database, id: string, waitingFor: string | null): Promise<void> {
  await database.raw(
    "UPDATE deposits SET waiting_for = :waitingFor WHERE id = :id AND status = 'observed' AND waiting_for IS DISTINCT FROM :waitingFor",
    { id, waitingFor },
  );
}

/** Turns an observed deposit into a confirmed one. False when another scanner was first or its block changed. */
export async function markConfirmed(transaction: Database, deposit: Deposit): Promise<boolean> {
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    `UPDATE deposits SET status = 'confirmed', confirmed_at = now(), waiting_for = NULL
     WHERE id = ? AND status = 'observed' AND block_hash = ? RETURNING id`,
    [deposit.id, deposit.blockHash],
  );
  return rows.length === 1;
}

/** Links a confirmed deposit to its ledger entry and wakes whoever waits for it, in the transaction that confirmed it. */
export async function linkEntry(
  transaction: Database,
  input: { readonly depositId: string; readonly entryId: string; readonly depositAddressId: string },
): Promise<void> {
  await transaction.raw("UPDATE deposits SET entry_id = ? WHERE id = ?", [input.entryId, input.depositId]);
  await transaction.raw("SELECT raise_wake(wake_subject) FROM deposit_addresses WHERE id = ?", [
    input.depositAddressId,
  ]);
}

/** Token units confirmed at an address and not taken by any sweep yet. */
export async function sumUnswept(
  database: Database,
  input: { readonly depositAddressId: string; readonly chain: string; readonly token: string },
): Promise<bigint> {
  const { rows } = await database.raw<{ rows: { total: string }[] }>(
    `SELECT coalesce(sum(amount_units), 0) AS total FROM deposits
     WHERE deposit_address_id = :depositAddressId AND chain = :chain AND token = :token AND status = 'confirmed' AND sweep_id IS NULL`,
    input,
  );
  return BigInt(rows[0]?.total ?? "0");
}

function readRow(row: Row): Deposit {
  return { ...row, amountUnits: BigInt(row.amountUnits), blockNumber: Number(row.blockNumber) };
}
