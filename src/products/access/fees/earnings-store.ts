import { type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";

/** By what earnings are told apart, besides network and token. */
export type EarningsGroup = "day" | "asset" | "network" | "token";

/** Where a row stands in its report. */
export type EarningsPlace = { readonly key: string; readonly network: string; readonly token: string };

/** Sums in nanodollars: what was sold, our fee, and what of both was given back for unused time. */
export type EarningsSums = {
  readonly payments: number;
  readonly gross: Nanodollars;
  readonly fee: Nanodollars;
  readonly returned: Nanodollars;
  readonly returnedFee: Nanodollars;
};

/** What one group earned in one token on one network; units are of that token. */
export type EarningsRow = EarningsPlace & EarningsSums & { readonly grossUnits: bigint; readonly feeUnits: bigint };

/** Whose earnings, over `[from, to)`. */
export type EarningsRange = { readonly merchantId: string; readonly from: Date; readonly to: Date };

type SumsRow = {
  readonly payments: string;
  readonly gross: string;
  readonly fee: string;
  readonly returned: string;
  readonly returned_fee: string;
};

const FEE = "div(p.gross_nanodollars::numeric * p.fee_units, p.amount_units)";
const KEYS: Readonly<Record<EarningsGroup, (time: string) => string>> = {
  day: (time) => `to_char(${time} AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
  asset: () => "p.asset_id",
  network: () => "p.network",
  token: () => "p.token",
};
const SUMS = `sum(payments)::text AS payments, sum(gross)::text AS gross, sum(fee)::text AS fee, sum(returned)::text AS returned,
  sum(returned_fee)::text AS returned_fee`;

/** Rows of a report in the order of their places, `limit` at most, after `after`. Payments count when they settled, returns when given. */
export async function selectEarnings(
  database: Database,
  input: EarningsRange & {
    readonly group: EarningsGroup;
    readonly after: EarningsPlace | null;
    readonly limit: number;
  },
): Promise<readonly EarningsRow[]> {
  const { group, after, limit } = input;
  const { rows } = await database.raw<{
    readonly rows: readonly (SumsRow & EarningsPlace & { gross_units: string; fee_units: string })[];
  }>(
    `SELECT key, network, token, sum(gross_units)::text AS gross_units, sum(fee_units)::text AS fee_units, ${SUMS}
     FROM (${factsBy(group)}) f
     WHERE :afterKey::text IS NULL OR (key, network, token) > (:afterKey, :afterNetwork, :afterToken)
     GROUP BY key, network, token ORDER BY key, network, token LIMIT :limit`,
    {
      ...rangeOf(input),
      limit,
      afterKey: after?.key ?? null,
      afterNetwork: after?.network ?? null,
      afterToken: after?.token ?? null,
    },
  );
  return rows.map((row) => ({
    key: row.key,
    network: row.network,
    token: row.token,
    grossUnits: BigInt(row.gross_units),
    feeUnits: BigInt(row.fee_units),
    ...sumsOf(row),
  }));
}

/** All of a range in one row. */
export async function sumEarnings(database: Database, range: EarningsRange): Promise<EarningsSums> {
  const { rows } = await database.raw<{ readonly rows: readonly SumsRow[] }>(
    `SELECT ${SUMS} FROM (${factsBy("token")}) f`,
    rangeOf(range),
  );
  return sumsOf(rows[0]);
}

/** What each of a merchant's assets earned since ever; one that never sold is left out. */
export async function selectAssetEarnings(
  database: Database,
  input: { readonly merchantId: string; readonly assetIds: readonly string[] },
): Promise<ReadonlyMap<string, EarningsSums>> {
  const { rows } = await database.raw<{ readonly rows: readonly (SumsRow & { readonly asset_id: string })[] }>(
    `SELECT asset_id, ${SUMS} FROM (
       SELECT p.asset_id, 1 AS payments, p.gross_nanodollars AS gross, ${FEE} AS fee,
         coalesce(r.amount_nanodollars, 0) AS returned, coalesce(r.fee_nanodollars, 0) AS returned_fee
       FROM access_payments p LEFT JOIN access_returns r ON r.payment_id = p.id
       WHERE p.asset_id = ANY (:assetIds) AND p.merchant_id = :merchantId AND p.status = 'settled') f
     GROUP BY asset_id`,
    { merchantId: input.merchantId, assetIds: [...input.assetIds] },
  );
  return new Map(rows.map((row) => [row.asset_id, sumsOf(row)]));
}

function factsBy(group: EarningsGroup): string {
  const key = KEYS[group];
  return `SELECT ${key("p.resolved_at")} AS key, p.network, p.token, 1 AS payments, p.gross_nanodollars AS gross, ${FEE} AS fee,
      p.amount_units AS gross_units, p.fee_units, 0 AS returned, 0 AS returned_fee
    FROM access_payments p
    WHERE p.merchant_id = :merchantId AND p.status = 'settled' AND p.resolved_at >= :from AND p.resolved_at < :to
    UNION ALL
    SELECT ${key("r.returned_at")}, p.network, p.token, 0, 0, 0, 0, 0, r.amount_nanodollars, r.fee_nanodollars
    FROM access_returns r JOIN access_payments p ON p.id = r.payment_id AND p.status <> 'reversed'
    WHERE r.merchant_id = :merchantId AND r.returned_at >= :from AND r.returned_at < :to`;
}

function rangeOf({ merchantId, from, to }: EarningsRange) {
  return { merchantId, from: from.toISOString(), to: to.toISOString() };
}

function sumsOf(row: SumsRow | undefined): EarningsSums {
  const amount = (text: string | null | undefined) => nanodollars(BigInt(text ?? 0));
  return {
    payments: Number(row?.payments ?? 0),
    gross: amount(row?.gross),
    fee: amount(row?.fee),
    returned: amount(row?.returned),
    returnedFee: amount(row?.returned_fee),
  };
}
