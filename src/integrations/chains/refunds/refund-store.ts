import { type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { newId } from "../../../platform/ids.ts";
import type { DepositKey } from "../chain.ts";
import { LOCK_ORDER } from "../deposits/deposit-store.ts";
import { RefundClosed } from "./refund-errors.ts";

/** Waiting to be sent or under way; at its sender for good; or given up, its money back where it came from. */
export type RefundStatus = "open" | "paid" | "refused";

/**
 * One deposit, or a part of it, on its way back to who sent it. `amount` is null for a token without a price. With `sweepId` it leaves the
 * deposit address, otherwise the vendor wallet. `confirmedBy` is the operator who vouched for a sender that is a contract.
 */
export type Refund = {
  readonly id: string;
  readonly key: string;
  readonly part: number;
  readonly depositId: string;
  readonly chain: string;
  readonly token: string;
  readonly destination: string;
  readonly amountUnits: bigint;
  readonly account: string;
  readonly amount: Nanodollars | null;
  readonly sweepId: string | null;
  readonly status: RefundStatus;
  readonly attempts: number;
  readonly confirmedBy: string | null;
  readonly transactionHash: string | null;
  readonly entryId: string | null;
};

const COLUMNS = `id, key, part, deposit_id AS "depositId", chain, token, destination, amount_units AS "amountUnits", account, amount,
  sweep_id AS "sweepId", status, attempts, confirmed_by AS "confirmedBy", transaction_hash AS "transactionHash", entry_id AS "entryId"`;

type Row = Omit<Refund, "amountUnits" | "amount"> & { readonly amountUnits: string; readonly amount: string | null };

/** A refund by its id. */
export async function findRefund(database: Database, id: string): Promise<Refund | undefined> {
  const { rows } = await database.raw<{ rows: Row[] }>(`SELECT ${COLUMNS} FROM refunds WHERE id = ?`, [id]);
  return rows[0] && readRow(rows[0]);
}

/** The refunds of one request, in the order they were made. */
export async function listRefunds(database: Database, key: string): Promise<readonly Refund[]> {
  const { rows } = await database.raw<{ rows: Row[] }>(`SELECT ${COLUMNS} FROM refunds WHERE key = ? ORDER BY part`, [
    key,
  ]);
  return rows.map(readRow);
}

/** The refunds of a deposit that are not closed, by id. */
export async function listOpenRefunds(database: Database, depositId: string): Promise<readonly string[]> {
  const { rows } = await database.raw<{ rows: { id: string }[] }>(
    "SELECT id FROM refunds WHERE deposit_id = ? AND status = 'open' ORDER BY id",
    [depositId],
  );
  return rows.map(({ id }) => id);
}

/** Stores a refund; where its tokens are still at the deposit address also the sweep that will move them. */
export async function insertRefund(
  transaction: Database,
  input: Pick<Refund, "key" | "part" | "depositId" | "chain" | "token" | "destination" | "amountUnits" | "account"> & {
    readonly amount: Nanodollars | null;
    /** The address the tokens are at; null when they were swept. */
    readonly depositAddressId: string | null;
  },
): Promise<Refund> {
  const { depositAddressId, amountUnits, amount, ...row } = input;
  const units = amountUnits.toString();
  const sweepId = depositAddressId === null ? null : newId("swp");
  if (sweepId !== null) {
    await transaction.raw(
      `INSERT INTO sweeps (id, deposit_address_id, chain, token, destination, amount_units, refunds_deposit_id, reference)
       VALUES (:sweepId, :depositAddressId, :chain, :token, :destination, :units, :depositId, :reference)`,
      { ...row, sweepId, depositAddressId, units, reference: `refund:${row.key}:${row.part}` },
    );
  }
  await transaction.raw("UPDATE deposits SET refunded_units = refunded_units + :units::numeric WHERE id = :depositId", {
    units,
    depositId: row.depositId,
  });
  const { rows } = await transaction.raw<{ rows: Row[] }>(
    `INSERT INTO refunds (id, key, part, deposit_id, chain, token, destination, amount_units, account, amount, sweep_id)
     VALUES (:id, :key, :part, :depositId, :chain, :token, :destination, :units, :account, :amount, :sweepId) RETURNING ${COLUMNS}`,
    { ...row, id: newId("ref"), units, amount: amount?.toString() ?? null, sweepId },
  );
  const [stored] = rows;
  if (stored === undefined) throw new Error("A refund was not stored.");
  return readRow(stored);
}

/** What a refund is of: the deposit, where it came in, how much of it is not promised back yet, and its sweep if one took it. */
export type RefundableDeposit = {
  readonly id: string;
  readonly chain: string;
  readonly token: string;
  readonly kind: "token" | "unknown_token" | "native_coin";
  readonly status: string;
  readonly fromAddress: string;
  readonly freeUnits: bigint;
  readonly depositAddressId: string | null;
  readonly account: string;
  readonly sweepId: string | null;
};

const DEPOSIT = `id, chain, token, kind, status, from_address AS "fromAddress", amount_units - refunded_units AS "freeUnits",
  deposit_address_id AS "depositAddressId", account, sweep_id AS "sweepId"`;

type DepositRow = Omit<RefundableDeposit, "freeUnits"> & { readonly freeUnits: string };

/** Locks the address of a deposit (so that no sweep takes it meanwhile) and then the deposit. */
export async function lockRefundable(transaction: Database, depositId: string): Promise<RefundableDeposit | undefined> {
  await transaction.raw(
    "SELECT FROM deposit_addresses WHERE id = (SELECT deposit_address_id FROM deposits WHERE id = ?) FOR NO KEY UPDATE",
    [depositId],
  );
  const { rows } = await transaction.raw<{ rows: DepositRow[] }>(
    `SELECT ${DEPOSIT} FROM deposits WHERE id = ? FOR UPDATE`,
    [depositId],
  );
  return rows[0] && { ...rows[0], freeUnits: BigInt(rows[0].freeUnits) };
}

/** Locks an address and the deposits there that were credited to an account and are not wholly promised back, newest first. */
export async function lockRefundables(
  transaction: Database,
  input: { readonly depositAddressId: string; readonly account: string },
): Promise<readonly RefundableDeposit[]> {
  await transaction.raw("SELECT FROM deposit_addresses WHERE id = ? FOR NO KEY UPDATE", [input.depositAddressId]);
  const { rows } = await transaction.raw<{ rows: DepositRow[] }>(
    `WITH locked AS (
       SELECT * FROM deposits
       WHERE deposit_address_id = :depositAddressId AND account = :account AND status = 'confirmed' AND kind = 'token'
         AND doubted_block IS NULL AND refunded_units < amount_units
       ORDER BY ${LOCK_ORDER} FOR NO KEY UPDATE
     )
     SELECT ${DEPOSIT} FROM locked ORDER BY confirmed_at DESC, id DESC`,
    input,
  );
  return rows.map((row) => ({ ...row, freeUnits: BigInt(row.freeUnits) }));
}

/** What the signer is told of a refunded deposit: its transaction and the key of the address it reached, if it reached one. */
export async function findDepositOfRefund(
  database: Database,
  depositId: string,
): Promise<{ readonly transactionHash: string; readonly receivedAt?: DepositKey }> {
  const { rows } = await database.raw<{ rows: { hash: string; keyRingId: string | null; index: number | null }[] }>(
    `SELECT d.transaction_hash AS hash, a.key_ring_id AS "keyRingId", a.index
     FROM deposits d LEFT JOIN deposit_addresses a ON a.id = d.deposit_address_id WHERE d.id = ?`,
    [depositId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`Deposit ${depositId} lost its row.`);
  const { hash: transactionHash, keyRingId, index } = row;
  return keyRingId === null || index === null
    ? { transactionHash }
    : { transactionHash, receivedAt: { keyRingId, index } };
}

/** The CAIP-2 id of the chain a refund is on; undefined for an unknown refund. */
export async function findChainOfRefund(database: Database, id: string): Promise<string | undefined> {
  return (await findRefund(database, id))?.chain;
}

/** A deposit in suspense is promised back whole, or is in suspense again. */
export async function markDepositRefunded(transaction: Database, id: string, isRefunded: boolean): Promise<void> {
  await transaction.raw("UPDATE deposits SET status = :to WHERE id = :id AND status = :from", {
    id,
    from: isRefunded ? "suspense" : "refunded",
    to: isRefunded ? "refunded" : "suspense",
  });
}

/** Links a refund to its ledger entry. */
export async function linkRefundEntry(transaction: Database, input: { readonly id: string; readonly entryId: string }) {
  await transaction.raw("UPDATE refunds SET entry_id = :entryId WHERE id = :id", input);
}

/** An operator vouches for a destination: the first one stays. Only while the refund is open. */
export async function markConfirmedBy(
  transaction: Database,
  input: { readonly id: string; readonly actor: string },
): Promise<void> {
  await transaction.raw(
    "UPDATE refunds SET confirmed_by = coalesce(confirmed_by, :actor) WHERE id = :id AND status = 'open'",
    input,
  );
}

/** Opens the next attempt of a refund from the vendor wallet after a reverted one; only if `attempt` still is the current. */
export async function nextRefundAttempt(
  transaction: Database,
  input: { readonly id: string; readonly attempt: number },
): Promise<void> {
  await transaction.raw(
    "UPDATE refunds SET attempts = attempts + 1 WHERE id = :id AND attempts = :attempt AND status = 'open'",
    input,
  );
}

/** Closes a refund as arrived. True for exactly one caller. */
export async function markRefundPaid(
  transaction: Database,
  input: { readonly id: string; readonly transactionHash: string },
): Promise<boolean> {
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    `UPDATE refunds SET status = 'paid', transaction_hash = :transactionHash, closed_at = now()
     WHERE id = :id AND status = 'open' RETURNING id`,
    input,
  );
  return rows.length === 1;
}

/**
 * Gives a refund up: nothing of it was ever signed. False when something was, or when it is closed. The rows are locked before they are
 * asked, so a signature that is being stored (see {@link requireNotRefused}) is seen, or finds the refund given up.
 */
export async function markRefundRefused(transaction: Database, id: string): Promise<boolean> {
  await transaction.raw("SELECT FROM sweeps WHERE id = (SELECT sweep_id FROM refunds WHERE id = ?) FOR UPDATE", [id]);
  await transaction.raw("SELECT FROM refunds WHERE id = ? FOR UPDATE", [id]);
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    `WITH refused AS (
       UPDATE refunds r SET status = 'refused', closed_at = now()
       WHERE r.id = :id AND r.status = 'open' AND NOT EXISTS (SELECT FROM outgoing_transactions o
         WHERE o.refund_id = r.id OR (o.sweep_id = r.sweep_id AND o.key NOT LIKE 'fuel:%'))
       RETURNING r.id, r.sweep_id, r.deposit_id, r.amount_units
     ), released AS (
       UPDATE sweeps SET status = 'refused' WHERE id IN (SELECT sweep_id FROM refused) AND status = 'open'
     )
     UPDATE deposits d SET refunded_units = d.refunded_units - refused.amount_units
     FROM refused WHERE d.id = refused.deposit_id RETURNING d.id`,
    { id },
  );
  return rows.length === 1;
}

/**
 * Before a transaction of a refund is stored: that nobody gave it up meanwhile, nor can until commit. Throws {@link RefundClosed}. Of a
 * sweep that sends nothing back, and of what is neither, nothing is asked.
 */
export async function requireNotRefused(
  transaction: Database,
  input: { readonly sweepId?: string | undefined; readonly refundId?: string | undefined },
): Promise<void> {
  const { rows } = await transaction.raw<{ rows: { id: string; status: string }[] }>(
    "SELECT id, status FROM sweeps WHERE id = ? AND refunds_deposit_id IS NOT NULL FOR SHARE",
    [input.sweepId ?? null],
  );
  const refunds = await transaction.raw<{ rows: { id: string; status: string }[] }>(
    "SELECT id, status FROM refunds WHERE id = ? FOR SHARE",
    [input.refundId ?? null],
  );
  for (const { id, status } of [...rows, ...refunds.rows]) {
    if (status === "refused") throw new RefundClosed(id, status);
  }
}

function readRow(row: Row): Refund {
  return {
    ...row,
    amountUnits: BigInt(row.amountUnits),
    amount: row.amount === null ? null : nanodollars(BigInt(row.amount)),
  };
}
