import type { LedgerDatabase } from "./ledger-store.ts";

/** A verification as stored; `drift` is in nanodollars, as text. */
export type StoredVerification = {
  readonly verifiedAt: Date;
  readonly sound: boolean;
  readonly drift: string;
  readonly transfers: string;
};

/** Keeps what a verification found; `findings` is JSON text naming every broken account, entry and chunk. */
export async function insertVerification(
  database: LedgerDatabase,
  found: { readonly sound: boolean; readonly drift: bigint; readonly transfers: number; readonly findings: string },
): Promise<void> {
  await database.raw(
    "INSERT INTO ledger_verifications (sound, drift_nanodollars, transfers, findings) VALUES (?, ?, ?, ?::jsonb)",
    [found.sound, found.drift.toString(), found.transfers, found.findings],
  );
}

/** The latest verification; undefined before the first. */
export async function selectLatestVerification(database: LedgerDatabase): Promise<StoredVerification | undefined> {
  const { rows } = await database.raw<{ readonly rows: readonly StoredVerification[] }>(
    `SELECT verified_at AS "verifiedAt", sound, drift_nanodollars AS drift, transfers FROM ledger_verifications ORDER BY id DESC LIMIT 1`,
  );
  return rows[0];
}

/** Makes the monthly partitions of usage detail for the year ahead; answers how many were new. */
export async function ensureUsagePartitions(database: LedgerDatabase): Promise<number> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly made: number }[] }>(
    "SELECT ensure_usage_partitions() AS made",
  );
  return rows[0]?.made ?? 0;
}
