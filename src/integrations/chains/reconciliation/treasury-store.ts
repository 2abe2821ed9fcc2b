import type { Database } from "../../../platform/database/pool.ts";

/** How far a treasury wallet's outgoing transfers of a token were read. */
export type TreasuryWatch = { readonly wallet: string; readonly scannedTo: number };

type Place = { readonly chain: string; readonly token: string };

/** The wallets of a chain whose transfers of a token are watched. */
export async function listTreasuryWatches(database: Database, place: Place): Promise<readonly TreasuryWatch[]> {
  const { rows } = await database.raw<{ rows: { wallet: string; scannedTo: string }[] }>(
    `SELECT wallet, scanned_to AS "scannedTo" FROM treasury_watches WHERE chain = :chain AND token = :token ORDER BY wallet`,
    place,
  );
  return rows.map(({ wallet, scannedTo }) => ({ wallet, scannedTo: Number(scannedTo) }));
}

/** Begins to watch a wallet after a block. True for exactly one caller: the one that books what is there, in this transaction. */
export async function openTreasuryWatch(
  transaction: Database,
  input: Place & { readonly wallet: string; readonly block: number },
): Promise<boolean> {
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    `INSERT INTO treasury_watches (chain, token, wallet, opened_block, scanned_to) VALUES (:chain, :token, :wallet, :block, :block)
     ON CONFLICT DO NOTHING RETURNING wallet`,
    input,
  );
  return rows.length === 1;
}

/** Notes that every outgoing transfer up to a block is booked; never moves back. */
export async function moveTreasuryWatch(
  transaction: Database,
  input: Place & { readonly wallet: string; readonly block: number },
): Promise<void> {
  await transaction.raw(
    `UPDATE treasury_watches SET scanned_to = greatest(scanned_to, :block)
     WHERE chain = :chain AND token = :token AND wallet = :wallet`,
    input,
  );
}

/** Which of these transactions we sent ourselves, in any version. */
export async function findOwnTransactions(
  database: Database,
  input: { readonly chain: string; readonly hashes: readonly string[] },
): Promise<ReadonlySet<string>> {
  if (input.hashes.length === 0) return new Set();
  const { rows } = await database.raw<{ rows: { hash: string }[] }>(
    `SELECT v.hash FROM transaction_versions v WHERE v.hash = ANY(:hashes)
     UNION SELECT o.hash FROM outgoing_transactions o WHERE o.chain = :chain AND o.hash = ANY(:hashes)`,
    { chain: input.chain, hashes: [...input.hashes] },
  );
  return new Set(rows.map(({ hash }) => hash));
}

/** What the books say the treasury held after a block, in nanodollars; what may be there besides, or not any more, in base units. */
export type ExpectedTreasury = {
  readonly ledger: bigint;
  /** To be taken off (or, below zero, put on) what the ledger says now to come to that block; base units. */
  readonly later: bigint;
  readonly arriving: readonly bigint[];
  readonly leaving: readonly bigint[];
};

type Row = { ledger: string; later: string; arriving: readonly string[]; leaving: readonly string[] };

const SETTLED = "1 hour";

/** Reads what the treasury must hold, in one statement and so of one moment. */
export async function selectExpectedTreasury(
  database: Database,
  input: Place & { readonly block: number; readonly account: string },
): Promise<ExpectedTreasury> {
  const { rows } = await database.raw<{ rows: Row[] }>(
    `WITH came AS (
       SELECT s.amount_units, s.status, o.block_number AS block,
         o.block_number IS NULL AND s.swept_at > now() - :settled::interval AS unsure
       FROM sweeps s LEFT JOIN outgoing_transactions o ON o.chain = s.chain AND o.hash = s.settled_transaction_hash
       WHERE s.chain = :chain AND s.token = :token AND s.refunds_deposit_id IS NULL AND s.status IN ('open', 'swept')
     ), given AS (
       SELECT d.amount_units, d.status, d.block_number AS block, d.doubted_block IS NOT NULL AS doubted FROM deposits d
       WHERE d.chain = :chain AND d.token = :token AND d.deposit_address_id IS NULL
     ), paid AS (
       SELECT r.amount_units, r.status, o.block_number AS block,
         r.status = 'open' OR (o.block_number IS NULL AND r.closed_at > now() - :settled::interval) AS unsure
       FROM refunds r LEFT JOIN outgoing_transactions o ON o.chain = r.chain AND o.hash = r.transaction_hash
       WHERE r.chain = :chain AND r.token = :token AND r.sweep_id IS NULL AND r.status IN ('open', 'paid')
     )
     SELECT
       (SELECT coalesce(sum(b.balance), 0) FROM accounts a JOIN account_balances b ON b.account_id = a.id WHERE a.name = :account) AS ledger,
       (SELECT coalesce(sum(amount_units), 0) FROM came WHERE status = 'swept' AND block > :block)
       + (SELECT coalesce(sum(amount_units), 0) FROM given WHERE status IN ('confirmed', 'suspense', 'refunded') AND block > :block)
       - (SELECT coalesce(sum(amount_units), 0) FROM paid WHERE status = 'paid' AND block > :block) AS later,
       ARRAY(SELECT amount_units::text FROM came WHERE status = 'open' UNION ALL
         SELECT amount_units::text FROM given WHERE status = 'observed' AND block <= :block UNION ALL
         SELECT amount_units::text FROM paid WHERE unsure) AS arriving,
       ARRAY(SELECT amount_units::text FROM came WHERE status = 'swept' AND unsure UNION ALL
         SELECT amount_units::text FROM given WHERE doubted AND status IN ('confirmed', 'suspense', 'refunded') AND block <= :block) AS leaving`,
    { ...input, settled: SETTLED },
  );
  const [row] = rows;
  if (row === undefined) throw new Error("The treasury's figures gave no row.");
  const { ledger, later, arriving, leaving } = row;
  return {
    ledger: BigInt(ledger),
    later: BigInt(later),
    arriving: arriving.map(BigInt),
    leaving: leaving.map(BigInt),
  };
}
