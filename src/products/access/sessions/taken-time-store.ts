import { nanodollars } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";

/** Takes time and its price off an active session; false when it was not active. The caller knows that some of both is left. */
export async function subtractTime(
  transaction: Database,
  input: { readonly id: string; readonly units: number; readonly paid: bigint; readonly expiresAt: Date },
): Promise<boolean> {
  const { rows } = await transaction.raw<{ rows: unknown[] }>(
    `UPDATE access_sessions SET units = units - :units, paid_nanodollars = paid_nanodollars - :paid::bigint, expires_at = :expiresAt
     WHERE id = :id AND status = 'active' RETURNING id`,
    { ...input, paid: nanodollars(input.paid).toString(), expiresAt: input.expiresAt.toISOString() },
  );
  return rows.length === 1;
}
