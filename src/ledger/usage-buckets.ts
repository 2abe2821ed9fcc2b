import { type Nanodollars, nanodollars } from "../money/nanodollars.ts";
import type { AccountName } from "./chart-of-accounts.ts";
import type { LedgerDatabase } from "./ledger-store.ts";
import type { BucketWidth } from "./usage-buckets-store.ts";
import { selectFirstUsage, selectUsageBuckets } from "./usage-buckets-store.ts";

export type { BucketWidth } from "./usage-buckets-store.ts";

/** What one account used of one unit in one bucket. `quantity` is an exact decimal; different units are never summed. */
export type UsageBucket = {
  readonly bucket: Date;
  readonly unit: string;
  readonly quantity: string;
  readonly amount: Nanodollars;
};

/** Where a page of buckets ended: the next one begins after it. */
export type BucketPlace = { readonly bucket: Date; readonly unit: string };

/** What is asked: `from` inclusive, `to` exclusive, both moments; the first and last bucket may be cut by them. */
export type UsageQuestion = {
  readonly account: AccountName;
  readonly width: BucketWidth;
  readonly from: Date;
  readonly to: Date;
  readonly unit: string | null;
};

/** A page in order of time and unit; `next` is null on the last. */
export type UsagePage = { readonly buckets: readonly UsageBucket[]; readonly next: BucketPlace | null };

/** How many buckets one statement sums at most, so that a page over years never waits for one that reads years. */
const WINDOW: Readonly<Record<BucketWidth, number>> = { hour: 168, day: 92, week: 53, month: 24, year: 5 };

/**
 * Reads usage summed by bucket and unit, up to `limit` rows, window by window; time without usage is stepped over by the index. Every
 * record is in exactly one bucket, so the buckets of a whole history sum to what the journal charged for usage.
 */
export async function readUsageBuckets(
  database: LedgerDatabase,
  input: UsageQuestion & { readonly after: BucketPlace | null; readonly limit: number },
): Promise<UsagePage> {
  const { after, limit, ...question } = input;
  const buckets: UsageBucket[] = [];
  let from = later(question.from, after?.bucket ?? question.from);
  while (from < question.to) {
    const first = await selectFirstUsage(database, { ...question, from });
    if (first === null) break;
    const to = earlier(question.to, addBuckets(startOfBucket(first, question.width), question.width));
    const rows = await selectUsageBuckets(database, {
      ...question,
      from,
      to,
      after,
      limit: limit + 1 - buckets.length,
    });
    buckets.push(...rows.map((row) => ({ ...row, amount: nanodollars(BigInt(row.amount)) })));
    if (buckets.length > limit) return { buckets: buckets.slice(0, limit), next: placeOf(buckets[limit - 1]) };
    from = to;
  }
  return { buckets, next: null };
}

function placeOf(bucket: UsageBucket | undefined): BucketPlace | null {
  return bucket === undefined ? null : { bucket: bucket.bucket, unit: bucket.unit };
}

/** The first moment of the bucket a moment lies in, in UTC; weeks begin on Monday. Pure. */
export function startOfBucket(moment: Date, width: BucketWidth): Date {
  const [year, month, day] = [moment.getUTCFullYear(), moment.getUTCMonth(), moment.getUTCDate()];
  switch (width) {
    case "hour":
      return new Date(Date.UTC(year, month, day, moment.getUTCHours()));
    case "day":
      return new Date(Date.UTC(year, month, day));
    case "week":
      return new Date(Date.UTC(year, month, day - ((moment.getUTCDay() + 6) % 7)));
    case "month":
      return new Date(Date.UTC(year, month));
    case "year":
      return new Date(Date.UTC(year, 0));
    default:
      return width satisfies never;
  }
}

function addBuckets(start: Date, width: BucketWidth): Date {
  const count = WINDOW[width];
  const [year, month, day] = [start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()];
  switch (width) {
    case "hour":
      return new Date(start.getTime() + count * 3_600_000);
    case "day":
      return new Date(Date.UTC(year, month, day + count));
    case "week":
      return new Date(Date.UTC(year, month, day + 7 * count));
    case "month":
      return new Date(Date.UTC(year, month + count));
    case "year":
      return new Date(Date.UTC(year + count, 0));
    default:
      return width satisfies never;
  }
}

function earlier(left: Date, right: Date): Date {
  return left < right ? left : right;
}

function later(left: Date, right: Date): Date {
  return left > right ? left : right;
}
