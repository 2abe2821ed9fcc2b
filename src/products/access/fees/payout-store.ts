import { nanodollars } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import type { Payout, PayoutStatus } from "./payout.ts";

type PayoutRow = Omit<Payout, "amount" | "amountUnits" | "sinceBlock"> & {
  readonly amount: string;
  readonly amountUnits: string;
  readonly sinceBlock: string | null;
};

const COLUMNS = `id, merchant_id AS "merchantId", network, token, destination, amount_units AS "amountUnits", amount_nanodollars AS amount,
  status, attempts, since_block AS "sinceBlock", authorized_until AS "authorizedUntil", transaction_hash AS "transactionHash", created_at AS "createdAt", paid_at AS "paidAt"`;

/** What came for a merchant in one token of one network and was not paid out. `walletChangedAt` is of the wallet it has there now. */
export type PoolRow = {
  readonly network: string;
  readonly token: string;
  readonly units: bigint;
  readonly address: string | null;
  readonly walletChangedAt: Date | null;
};

/** Merchants that took custodial payments, in the order of their ids; of one when it is given. */
export async function selectCustodialMerchants(
  database: Database,
  input: { readonly merchantId: string | null; readonly after: string; readonly limit: number },
): Promise<readonly string[]> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly id: string }[] }>(
    `SELECT m.id FROM merchants m WHERE m.id > :after AND (:merchantId::text IS NULL OR m.id = :merchantId) AND EXISTS (
       SELECT FROM access_payments p WHERE p.merchant_id = m.id AND p.settlement_mode = 'custodial' AND p.status = 'settled')
     ORDER BY m.id LIMIT :limit`,
    { ...input },
  );
  return rows.map(({ id }) => id);
}

/** A merchant's pools without those that have an open payout: what its payers sent less our fee and what was paid out. */
export async function selectPools(database: Database, merchantId: string): Promise<readonly PoolRow[]> {
  const { rows } = await database.raw<{
    readonly rows: readonly (Omit<PoolRow, "units"> & { readonly units: string })[];
  }>(
    `WITH came AS (
       SELECT network, token, sum(amount_units::numeric + left_units - CASE WHEN status = 'settled' THEN fee_units ELSE 0 END) AS units
       FROM access_payments WHERE merchant_id = :merchantId AND settlement_mode = 'custodial' AND dialect <> 'balance'
         AND status IN ('settled', 'unserved') GROUP BY network, token)
     SELECT c.network, c.token, w.address, (
         SELECT max(h.changed_at) FROM merchant_wallet_changes h WHERE h.merchant_id = :merchantId AND h.network = c.network
       ) AS "walletChangedAt",
       (c.units - coalesce((SELECT sum(amount_units) FROM access_payouts o
         WHERE o.merchant_id = :merchantId AND o.network = c.network AND o.token = c.token AND o.status <> 'cancelled'), 0))::text AS units
     FROM came c LEFT JOIN merchant_wallets w ON w.merchant_id = :merchantId AND w.network = c.network
     WHERE NOT EXISTS (SELECT FROM access_payouts o WHERE o.merchant_id = :merchantId AND o.network = c.network AND o.token = c.token
       AND o.status = 'open')
     ORDER BY c.network, c.token`,
    { merchantId },
  );
  return rows.map((row) => ({ ...row, units: BigInt(row.units) }));
}

/** Writes a payout; false where the merchant has an open one of that token there. */
export async function insertPayout(
  database: Database,
  payout: Pick<
    Payout,
    "id" | "merchantId" | "network" | "token" | "destination" | "amountUnits" | "amount" | "createdAt"
  >,
): Promise<boolean> {
  const { rows } = await database.raw<{ readonly rows: readonly unknown[] }>(
    `INSERT INTO access_payouts (id, merchant_id, network, token, destination, amount_units, amount_nanodollars, created_at)
     VALUES (:id, :merchantId, :network, :token, :destination, :amountUnits, :amount, :createdAt)
     ON CONFLICT (merchant_id, network, token) WHERE status = 'open' DO NOTHING RETURNING id`,
    {
      ...payout,
      amountUnits: `${payout.amountUnits}`,
      amount: `${payout.amount}`,
      createdAt: payout.createdAt.toISOString(),
    },
  );
  return rows.length === 1;
}

/** One payout, or undefined. */
export async function selectPayout(database: Database, id: string): Promise<Payout | undefined> {
  const { rows } = await database.raw<{ readonly rows: readonly PayoutRow[] }>(
    `SELECT ${COLUMNS} FROM access_payouts WHERE id = ?`,
    [id],
  );
  return rows[0] && readRow(rows[0]);
}

/** An open payout as the signer looks at it; undefined for any other. */
export async function readOpenPayout(database: Database, id: string): Promise<Payout | undefined> {
  const payout = await selectPayout(database, id);
  return payout?.status === "open" ? payout : undefined;
}

/** Payouts, newest first, below `before` to continue a page. */
export async function selectPayouts(
  database: Database,
  input: {
    readonly merchantId: string | null;
    readonly status: PayoutStatus | null;
    readonly before: string | null;
    readonly limit: number;
  },
): Promise<readonly Payout[]> {
  const { rows } = await database.raw<{ readonly rows: readonly PayoutRow[] }>(
    `SELECT ${COLUMNS} FROM access_payouts WHERE (:merchantId::text IS NULL OR merchant_id = :merchantId)
       AND (:status::text IS NULL OR status = :status) AND (:before::text IS NULL OR id < :before)
     ORDER BY id DESC LIMIT :limit`,
    { ...input },
  );
  return rows.map(readRow);
}

/** Keeps where the chain stood before anything of a payout was sent; the first word stays. */
export async function keepSinceBlock(
  database: Database,
  input: { readonly id: string; readonly block: number },
): Promise<void> {
  await database.raw("UPDATE access_payouts SET since_block = :block WHERE id = :id AND since_block IS NULL", input);
}

/**
 * Keeps until when an authorization of a payout will be good, before it is signed; of several the latest stays. False where the payout is
 * not open any more: then nothing may be signed.
 */
export async function keepAuthorizedUntil(
  database: Database,
  input: { readonly id: string; readonly until: Date },
): Promise<boolean> {
  const { rows } = await database.raw<{ readonly rows: readonly unknown[] }>(
    `UPDATE access_payouts SET authorized_until = greatest(authorized_until, :until::timestamptz)
     WHERE id = :id AND status = 'open' RETURNING id`,
    { id: input.id, until: input.until.toISOString() },
  );
  return rows.length === 1;
}

/** One payout, locked until the transaction ends; undefined for none. */
export async function lockPayout(transaction: Database, id: string): Promise<Payout | undefined> {
  await transaction.raw("SELECT FROM access_payouts WHERE id = ? FOR UPDATE", [id]);
  return selectPayout(transaction, id);
}

/** Calls off an open payout, which its caller has locked. */
export async function markPayoutCancelled(
  transaction: Database,
  input: { readonly id: string; readonly at: Date },
): Promise<void> {
  await transaction.raw(
    "UPDATE access_payouts SET status = 'cancelled', cancelled_at = :at WHERE id = :id AND status = 'open'",
    { id: input.id, at: input.at.toISOString() },
  );
}

/** Goes on to the attempt after `attempt`; harmless when that was done. */
export async function nextPayoutAttempt(
  database: Database,
  input: { readonly id: string; readonly attempt: number },
): Promise<void> {
  await database.raw(
    "UPDATE access_payouts SET attempts = attempts + 1 WHERE id = :id AND attempts = :attempt AND status = 'open'",
    input,
  );
}

/** Closes an open payout; true for exactly one caller. */
export async function markPayoutPaid(
  transaction: Database,
  input: { readonly id: string; readonly transactionHash: string; readonly at: Date },
): Promise<boolean> {
  const { rows } = await transaction.raw<{ readonly rows: readonly unknown[] }>(
    `UPDATE access_payouts SET status = 'paid', transaction_hash = :transactionHash, paid_at = :at
     WHERE id = :id AND status = 'open' RETURNING id`,
    { ...input, at: input.at.toISOString() },
  );
  return rows.length === 1;
}

function readRow(row: PayoutRow): Payout {
  return {
    ...row,
    amountUnits: BigInt(row.amountUnits),
    amount: nanodollars(BigInt(row.amount)),
    sinceBlock: row.sinceBlock === null ? null : Number(row.sinceBlock),
  };
}
