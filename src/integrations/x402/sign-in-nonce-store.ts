import type { Database } from "../../platform/database/pool.ts";

/** Longer than any challenge lives, whatever the clocks of two servers say. */
const KEPT = "interval '1 hour'";

/** Marks a challenge as answered; false when it already was. Deletes a few that are long over, so the table stays small by itself. */
export async function useNonce(
  database: Database,
  challenge: { readonly nonce: string; readonly expiresAt: Date },
): Promise<boolean> {
  const { rows } = await database.raw<{ rows: unknown[] }>(
    `WITH outdated AS (
       SELECT nonce FROM sign_in_nonces WHERE expires_at < now() - ${KEPT} LIMIT 10 FOR UPDATE SKIP LOCKED
     ), purged AS (
       DELETE FROM sign_in_nonces USING outdated WHERE sign_in_nonces.nonce = outdated.nonce
     )
     INSERT INTO sign_in_nonces (nonce, expires_at) VALUES (:nonce, :expiresAt)
     ON CONFLICT (nonce) DO NOTHING RETURNING nonce`,
    challenge,
  );
  return rows.length === 1;
}
