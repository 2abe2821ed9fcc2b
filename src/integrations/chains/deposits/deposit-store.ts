import type { Database } from "../../../platform/database/pool.ts";
import { newId } from "../../../platform/ids.ts";
import type { TokenTransfer } from "../chain.ts";

/**
 * A deposit's life: seen in a block; deep enough and credited to its `account`, or to `suspense/<reason>` with the reason in `waitingFor`;
 * its block replaced before it counted (`orphaned`) or after (`reversed`, taken out of the books again); sent back (`refunded`).
 */
export type DepositStatus = "observed" | "confirmed" | "suspense" | "orphaned" | "reversed" | "refunded";

/** How it was found: the log of a token we list, of any other token, or the growth of a native balance (no log, sender unknown). */
export type DepositKind = "token" | "unknown_token" | "native_coin";

/**
 * One transfer to one of our addresses. `logIndex` counts inside the transaction. `waitingFor` says why an observed one is not credited
 * yet; `sweepId` is set once a sweep took it. `depositAddressId` is null for what was sent straight to the offramp wallet.
 * `announcedUnits` is what the token's event said where less arrived. `credits` counts how often it was credited, `finalAt` is set
 * once its block cannot be replaced any more, `assignedFrom` is the account an operator gave it away from.
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
  readonly announcedUnits: bigint | null;
  readonly kind: DepositKind;
  readonly status: DepositStatus;
  readonly waitingFor: string | null;
  readonly depositAddressId: string | null;
  readonly account: string;
  readonly sweepId: string | null;
  readonly observedAt: Date;
  readonly confirmedAt: Date | null;
  readonly entryId: string | null;
  readonly credits: number;
  readonly doubtedBlock: number | null;
  readonly finalAt: Date | null;
  readonly assignedFrom: string | null;
};

/** The columns of a {@link Deposit}, for the stores of this room. */
export const DEPOSIT_COLUMNS = `id, chain, token, transaction_hash AS "transactionHash", log_index AS "logIndex",
  block_number AS "blockNumber", block_hash AS "blockHash", from_address AS "fromAddress", address,
  amount_units AS "amountUnits", status, waiting_for AS "waitingFor", deposit_address_id AS "depositAddressId", account,
  sweep_id AS "sweepId", observed_at AS "observedAt", confirmed_at AS "confirmedAt", entry_id AS "entryId", kind, credits,
  announced_units AS "announcedUnits", doubted_block AS "doubtedBlock", final_at AS "finalAt", assigned_from AS "assignedFrom"`;

/**
 * The order in which a statement locks several deposits of a chain. Everybody keeps it: the watcher, a checkout that looks for its payment,
 * a sweep and a refund may hold the same rows at the same time, and would else wait for each other.
 */
export const LOCK_ORDER = "transaction_hash, log_index";

/** A {@link Deposit} as the driver reads it. */
export type DepositRow = Omit<Deposit, "amountUnits" | "announcedUnits" | "blockNumber" | "doubtedBlock"> & {
  readonly amountUnits: string;
  readonly announcedUnits: string | null;
  readonly blockNumber: string;
  readonly doubtedBlock: string | null;
};

/** A transfer as the scanner found it and where its money goes: `account` is a customer's or a suspense account. */
export type FoundTransfer = TokenTransfer & {
  readonly logIndex: number;
  readonly depositAddressId: string | null;
  readonly account: string;
  readonly kind?: DepositKind;
};

/**
 * Stores what was found. A transfer already known keeps its row; until it is credited, and again after it was reversed, the row follows
 * its transaction to another block and to what it moves there. Wakes the subject of each row that is new or changed. Returns how many
 * those were.
 */
export async function storeObserved(
  database: Database,
  input: { readonly chain: string; readonly transfers: readonly FoundTransfer[] },
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
    kind: transfer.kind ?? "token",
  }));
  const result = await database.raw<{ rows: { stored: string }[] }>(
    `WITH stored AS (
       INSERT INTO deposits (id, chain, token, transaction_hash, log_index, block_number, block_hash, from_address, address,
         amount_units, deposit_address_id, account, kind)
       SELECT id, :chain, token, transaction_hash, log_index, block_number, block_hash, from_address, address,
         amount_units, deposit_address_id, account, kind
       FROM jsonb_to_recordset(:rows::jsonb) AS found(id text, token text, transaction_hash text, log_index integer,
         block_number bigint, block_hash text, from_address text, address text, amount_units numeric, deposit_address_id text,
         account text, kind text)
       ORDER BY ${LOCK_ORDER}
       ON CONFLICT (chain, transaction_hash, log_index) DO UPDATE
         SET (token, block_number, block_hash, from_address, address, amount_units, deposit_address_id, account, kind) =
           ROW (excluded.token, excluded.block_number, excluded.block_hash, excluded.from_address, excluded.address,
             excluded.amount_units, excluded.deposit_address_id, excluded.account, excluded.kind),
           status = 'observed', waiting_for = NULL, confirmed_at = NULL, entry_id = NULL, announced_units = NULL,
           final_at = NULL, checked_block = NULL, doubted_block = NULL, assigned_from = NULL
         WHERE deposits.status IN ('orphaned', 'reversed')
           OR (deposits.status = 'observed' AND deposits.block_hash <> excluded.block_hash)
       RETURNING deposit_address_id
     )
     SELECT count(raise_wake(woken.subject)::text) AS woken, (SELECT count(*) FROM stored) AS stored
     FROM (SELECT wake_subject AS subject FROM deposit_addresses WHERE id IN (SELECT deposit_address_id FROM stored)
       ORDER BY wake_subject) woken`,
    { chain: input.chain, rows: JSON.stringify(rows) },
  );
  return Number(result.rows[0]?.stored ?? 0);
}

/**
 * Observed deposits of a chain, oldest block first; with `depositAddressId`, only those of one address. Those that wait for something else
 * than blocks come last and in no order, so that a crowd of them neither keeps the others back nor each other.
 */
export async function listObserved(
  database: Database,
  input: { readonly chain: string; readonly limit: number; readonly depositAddressId?: string },
): Promise<readonly Deposit[]> {
  const { rows } = await database.raw<{ rows: DepositRow[] }>(
    `SELECT ${DEPOSIT_COLUMNS} FROM deposits
     WHERE chain = :chain AND status = 'observed' AND (:address::text IS NULL OR deposit_address_id = :address)
     ORDER BY CASE WHEN waiting_for IS NULL OR waiting_for = 'confirmations' THEN -1 ELSE random() END,
       block_number, transaction_hash, log_index LIMIT :limit`,
    { chain: input.chain, limit: input.limit, address: input.depositAddressId ?? null },
  );
  return rows.map(readDepositRow);
}

/** Everything that reached one address, oldest first. */
export async function listDeposits(database: Database, depositAddressId: string): Promise<readonly Deposit[]> {
  const { rows } = await database.raw<{ rows: DepositRow[] }>(
    `SELECT ${DEPOSIT_COLUMNS} FROM deposits WHERE deposit_address_id = ? ORDER BY observed_at, transaction_hash, log_index`,
    [depositAddressId],
  );
  return rows.map(readDepositRow);
}

/** The newest deposits of an address that are in suspense with dollars behind them, or were reversed: what a customer is told of. */
export async function listNoteworthy(
  database: Database,
  input: { readonly depositAddressId: string; readonly limit: number },
): Promise<readonly Deposit[]> {
  const { rows } = await database.raw<{ rows: DepositRow[] }>(
    `SELECT ${DEPOSIT_COLUMNS} FROM deposits
     WHERE deposit_address_id = :depositAddressId AND status IN ('suspense', 'reversed') AND entry_id IS NOT NULL
     ORDER BY observed_at DESC, id LIMIT :limit`,
    input,
  );
  return rows.map(readDepositRow);
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

/** Notes why an observed deposit is not credited yet; null clears it. False, and nothing is written, when that is already said. */
export async function markWaiting(database: Database, id: string, waitingFor: string | null): Promise<boolean> {
  const { rows } = await database.raw<{ rows: unknown[] }>(
    `UPDATE deposits SET waiting_for = :waitingFor
     WHERE id = :id AND status = 'observed' AND waiting_for IS DISTINCT FROM :waitingFor RETURNING id`,
    { id, waitingFor },
  );
  return rows.length === 1;
}

/** What becomes of an observed deposit: credited as `confirmed` or in `suspense`, for `amountUnits` where less arrived than announced. */
export type Crediting = {
  readonly status: "confirmed" | "suspense";
  readonly waitingFor: string | null;
  readonly amountUnits?: bigint;
};

/**
 * Turns an observed deposit into a credited one and answers how often it is credited now, counting from 1. Undefined when another scanner
 * was first or its block changed.
 */
export async function markCredited(
  transaction: Database,
  deposit: Pick<Deposit, "id" | "blockHash" | "amountUnits">,
  crediting: Crediting,
): Promise<number | undefined> {
  const { rows } = await transaction.raw<{ rows: { credits: number }[] }>(
    `UPDATE deposits SET status = :status, confirmed_at = now(), waiting_for = :waitingFor, credits = credits + 1,
       amount_units = :units::numeric, announced_units = CASE WHEN amount_units > :units::numeric THEN amount_units END
     WHERE id = :id AND status = 'observed' AND block_hash = :blockHash RETURNING credits`,
    {
      id: deposit.id,
      blockHash: deposit.blockHash,
      status: crediting.status,
      waitingFor: crediting.waitingFor,
      units: (crediting.amountUnits ?? deposit.amountUnits).toString(),
    },
  );
  return rows[0]?.credits;
}

/** Links a credited deposit to its ledger entry and wakes whoever waits for it, in the transaction that credited it. */
export async function linkEntry(
  transaction: Database,
  input: { readonly depositId: string; readonly entryId: string | null; readonly depositAddressId: string | null },
): Promise<void> {
  await transaction.raw("UPDATE deposits SET entry_id = ? WHERE id = ?", [input.entryId, input.depositId]);
  await transaction.raw("SELECT raise_wake(wake_subject) FROM deposit_addresses WHERE id = ?", [
    input.depositAddressId,
  ]);
}

/** Token units credited at an address that no recorded sweep has moved on: what must be there. */
export async function sumUnswept(
  database: Database,
  input: { readonly depositAddressId: string; readonly chain: string; readonly token: string },
): Promise<bigint> {
  const { rows } = await database.raw<{ rows: { total: string }[] }>(
    `SELECT coalesce(sum(d.amount_units - CASE WHEN s.id IS NULL THEN d.refunded_units ELSE 0 END), 0) AS total
     FROM deposits d LEFT JOIN sweeps s ON s.id = d.sweep_id
     WHERE d.deposit_address_id = :depositAddressId AND d.chain = :chain AND d.token = :token AND d.status IN ('confirmed', 'suspense')
       AND (s.id IS NULL OR s.status = 'open')`,
    input,
  );
  return BigInt(rows[0]?.total ?? "0");
}

/** Base units of an address that open sweeps have taken: they may have left it, and are owed there until the sweep is in the books. */
export async function sumBeingSwept(
  database: Database,
  input: { readonly depositAddressId: string; readonly chain: string; readonly token: string },
): Promise<bigint> {
  const { rows } = await database.raw<{ rows: { total: string }[] }>(
    `SELECT coalesce(sum(amount_units), 0) AS total FROM sweeps
     WHERE deposit_address_id = :depositAddressId AND chain = :chain AND token = :token AND status = 'open'`,
    input,
  );
  return BigInt(rows[0]?.total ?? "0");
}

/** Reads a row of {@link DEPOSIT_COLUMNS}. */
export function readDepositRow(row: DepositRow): Deposit {
  return {
    ...row,
    amountUnits: BigInt(row.amountUnits),
    announcedUnits: row.announcedUnits === null ? null : BigInt(row.announcedUnits),
    blockNumber: Number(row.blockNumber),
    doubtedBlock: row.doubtedBlock === null ? null : Number(row.doubtedBlock),
  };
}
