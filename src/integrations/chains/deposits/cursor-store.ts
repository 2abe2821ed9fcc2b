import type { Database } from "../../../platform/database/pool.ts";
import type { BlockReference } from "../chain.ts";

/** How far a chain was read: every block up to `scannedTo` was searched, and that block's hash was `scannedHash` then. */
export type ChainCursor = {
  readonly scannedTo: number;
  readonly scannedHash: string;
  readonly head: number;
  readonly scannedAt: Date;
};

/** The cursor of a chain; undefined before its first pass. */
export async function readCursor(database: Database, chain: string): Promise<ChainCursor | undefined> {
  const { rows } = await database.raw<{
    rows: { scannedTo: string; scannedHash: string; head: string; scannedAt: Date }[];
  }>(
    `SELECT scanned_to AS "scannedTo", scanned_hash AS "scannedHash", head, scanned_at AS "scannedAt"
     FROM chain_cursors WHERE chain = ?`,
    [chain],
  );
  const [row] = rows;
  return row === undefined ? undefined : { ...row, scannedTo: Number(row.scannedTo), head: Number(row.head) };
}

/**
 * Moves the cursor from where this pass found it. A second scanner that moved it in the meantime keeps its place: reading some
 * blocks twice is free, skipping them is not.
 */
export async function moveCursor(
  database: Database,
  input: {
    readonly chain: string;
    readonly from: ChainCursor | undefined;
    readonly scanned: BlockReference;
    readonly head: number;
  },
): Promise<void> {
  await database.raw(
    `INSERT INTO chain_cursors (chain, scanned_to, scanned_hash, head) VALUES (:chain, :number, :hash, :head)
     ON CONFLICT (chain) DO UPDATE
       SET scanned_to = excluded.scanned_to, scanned_hash = excluded.scanned_hash, head = excluded.head, scanned_at = now()
       WHERE chain_cursors.scanned_to = :fromNumber AND chain_cursors.scanned_hash = :fromHash`,
    {
      chain: input.chain,
      number: input.scanned.number,
      hash: input.scanned.hash,
      head: input.head,
      fromNumber: input.from?.scannedTo ?? -1,
      fromHash: input.from?.scannedHash ?? "",
    },
  );
}
