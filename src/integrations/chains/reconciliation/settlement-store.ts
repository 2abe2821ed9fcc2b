import type { Database } from "../../../platform/database/pool.ts";

type Place = { readonly chain: string; readonly token: string; readonly wallet: string };

/** How far a settlement wallet's incoming transfers of a token were read, in final blocks; `cursor` where they are found by account. */
export type SettlementWatch = { readonly scannedTo: number; readonly cursor: Readonly<Record<string, string>> };

/** A transaction that brought a settlement wallet more than a payment of ours accounts for, as a whole. */
export type IncomingTransaction = { readonly transaction: string; readonly units: bigint; readonly block: number };

/** A stored one. `isOld`: it was first seen more than an hour ago. `isTold`: operators know of it. */
export type KeptTransaction = IncomingTransaction & { readonly isOld: boolean; readonly isTold: boolean };

/** The watch of a wallet and token; undefined before the first look. */
export async function findSettlementWatch(database: Database, place: Place): Promise<SettlementWatch | undefined> {
  const { rows } = await database.raw<{ rows: { scannedTo: string; cursor: Record<string, string> }[] }>(
    `SELECT scanned_to AS "scannedTo", cursor FROM settlement_watches WHERE chain = :chain AND token = :token AND wallet = :wallet`,
    place,
  );
  const [row] = rows;
  return row && { cursor: row.cursor, scannedTo: Number(row.scannedTo) };
}

/** Keeps how far a wallet was read, and what of that is not accounted for; never moves back, and keeps each transaction once. */
export async function keepIncoming(
  database: Database,
  input: Place & { readonly watch: SettlementWatch; readonly incoming: readonly IncomingTransaction[] },
): Promise<void> {
  const { chain, token, wallet, watch, incoming } = input;
  await database.transaction(async (transaction) => {
    for (const { transaction: hash, units, block } of incoming) {
      await transaction.raw(
        `INSERT INTO foreign_deposits (chain, token, wallet, transaction, units, block_number)
         VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
        [chain, token, wallet, hash, `${units}`, block],
      );
    }
    await transaction.raw(
      `INSERT INTO settlement_watches AS w (chain, token, wallet, scanned_to, cursor) VALUES (?, ?, ?, ?, ?::jsonb)
       ON CONFLICT (chain, token, wallet) DO UPDATE SET cursor = excluded.cursor, scanned_to = excluded.scanned_to
       WHERE w.scanned_to <= excluded.scanned_to`,
      [chain, token, wallet, watch.scannedTo, JSON.stringify(watch.cursor)],
    );
  });
}

/** Every kept transaction of a wallet and token, oldest first. */
export async function listIncoming(database: Database, place: Place): Promise<readonly KeptTransaction[]> {
  type Row = { transaction: string; units: string; block: string; isOld: boolean; isTold: boolean };
  const { rows } = await database.raw<{ rows: Row[] }>(
    `SELECT transaction, units, block_number AS block, seen_at < now() - interval '1 hour' AS "isOld", told_at IS NOT NULL AS "isTold"
     FROM foreign_deposits WHERE chain = :chain AND token = :token AND wallet = :wallet ORDER BY block_number, transaction`,
    place,
  );
  return rows.map((row) => ({ ...row, units: BigInt(row.units), block: Number(row.block) }));
}

/** Notes that operators were told of these. */
export async function markTold(
  transaction: Database,
  input: Place & { readonly transactions: readonly string[] },
): Promise<void> {
  await transaction.raw(
    `UPDATE foreign_deposits SET told_at = now() WHERE chain = :chain AND token = :token AND wallet = :wallet
       AND transaction = ANY(:transactions) AND told_at IS NULL`,
    { ...input, transactions: [...input.transactions] },
  );
}
