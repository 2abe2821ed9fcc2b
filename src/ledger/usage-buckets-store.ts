import type { LedgerDatabase } from "./ledger-store.ts";

/** How wide a bucket is; all begin at UTC boundaries, weeks on Monday. */
export type BucketWidth = "hour" | "day" | "week" | "month" | "year";

/** The usage of one account in one bucket and unit; numbers as exact text. */
export type UsageBucketRow = {
  readonly bucket: Date;
  readonly unit: string;
  readonly quantity: string;
  readonly amount: string;
};

/** Which usage is meant: from `from` on, before `to`, of one unit or of all. */
export type UsageSelection = {
  readonly account: string;
  readonly from: Date;
  readonly to: Date;
  readonly unit: string | null;
};

const SELECTED = `u.account_id = (SELECT id FROM ledger_accounts WHERE name = :account AND id > 0)
  AND u.occurred_at >= :from AND u.occurred_at < :to AND (:unit::text IS NULL OR u.unit = :unit)`;

/** When the first of the selected usage occurred; null when there is none. The index answers it. */
export async function selectFirstUsage(database: LedgerDatabase, selection: UsageSelection): Promise<Date | null> {
  const { rows } = await database.raw<{ readonly rows: readonly { readonly occurred_at: Date }[] }>(
    `SELECT u.occurred_at FROM usage_records u WHERE ${SELECTED} ORDER BY u.occurred_at LIMIT 1`,
    { ...selection },
  );
  return rows[0]?.occurred_at ?? null;
}

/**
 * Sums the selected usage by bucket and unit, in that order (units by code point), beginning after `after`, at most `limit` rows. Sums
 * are numeric, so they are exact.
 */
export async function selectUsageBuckets(
  database: LedgerDatabase,
  selection: UsageSelection & {
    readonly width: BucketWidth;
    readonly after: { readonly bucket: Date; readonly unit: string } | null;
    readonly limit: number;
  },
): Promise<readonly UsageBucketRow[]> {
  const { after, ...rest } = selection;
  const { rows } = await database.raw<{ readonly rows: readonly UsageBucketRow[] }>(
    `SELECT * FROM (
       SELECT date_trunc(:width, u.occurred_at, 'UTC') AS bucket, u.unit,
         trim_scale(sum(u.quantity))::text AS quantity, sum(u.amount)::text AS amount
       FROM usage_records u WHERE ${SELECTED} GROUP BY 1, 2
     ) b WHERE :afterBucket::timestamptz IS NULL OR (b.bucket, b.unit COLLATE "C") > (:afterBucket, :afterUnit)
     ORDER BY b.bucket, b.unit COLLATE "C" LIMIT :limit`,
    { ...rest, afterBucket: after?.bucket ?? null, afterUnit: after?.unit ?? "" },
  );
  return rows;
}
