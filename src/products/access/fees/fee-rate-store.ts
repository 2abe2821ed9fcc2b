import type { Database } from "../../../platform/database/pool.ts";
import { preparedAs } from "../../../platform/database/prepared.ts";

/** The merchant's own rate (null: by tier) and its settled volume of the month of `now` so far, in nanodollars; undefined: no such merchant. */
export async function selectFeeFacts(
  database: Database,
  input: { readonly merchantId: string; readonly now: Date },
): Promise<{ readonly ownBasisPoints: number | null; readonly volume: bigint } | undefined> {
  const query = database.raw<{
    readonly rows: readonly { fee_basis_points: number | null; volume: string }[];
  }>(
    `SELECT m.fee_basis_points, coalesce((
       SELECT sum(v.gross_nanodollars) FROM access_monthly_volumes v
       WHERE v.merchant_id = m.id AND v.month = date_trunc('month', :now::timestamptz AT TIME ZONE 'UTC')::date), 0)::text AS volume
     FROM merchants m WHERE m.id = :merchantId`,
    { merchantId: input.merchantId, now: input.now.toISOString() },
  );
  const { rows } = await query.options(preparedAs("fee_facts"));
  const [row] = rows;
  return row && { ownBasisPoints: row.fee_basis_points, volume: BigInt(row.volume) };
}
