import type { Knex } from "knex";
import { z } from "zod";
import { accounts } from "../../ledger/chart-of-accounts.ts";
import type { BucketPlace, BucketWidth, UsageBucket, UsagePage, UsageQuestion } from "../../ledger/usage-buckets.ts";
import { readUsageBuckets } from "../../ledger/usage-buckets.ts";
import type { Clock } from "../../platform/clock.ts";
import { BillingCursorInvalid, BillingRangeInvalid } from "./errors.ts";

/** The interval names of the wire; `daily` unless told. */
export const INTERVALS = ["hourly", "daily", "weekly", "monthly", "yearly"] as const;

/** One of {@link INTERVALS}. */
export type Interval = (typeof INTERVALS)[number];

const WIDTHS: Readonly<Record<Interval, BucketWidth>> = {
  hourly: "hour",
  daily: "day",
  weekly: "week",
  monthly: "month",
  yearly: "year",
};

const EARLIEST = new Date("2000-01-01T00:00:00Z");
const LATEST = new Date("2100-01-01T00:00:00Z");
const EXPORT_PAGE = 1_000;

/** What reading history needs. */
export type BillingHistoryNeeds = { readonly database: Knex; readonly clock: Clock };

/** What a customer asks. Without dates it is all there is. */
export type HistoryRequest = {
  readonly purchaseId: string;
  readonly interval: Interval;
  readonly from: Date | null;
  readonly to: Date | null;
  readonly unit: string | null;
};

/**
 * One page of a purchase's usage, summed by interval and unit. Only usage is in it: deposits, refunds and corrections are not. Throws
 * `billing_range_invalid` and `billing_cursor_invalid`. Source: seed 000, "Usage Based Billing" 2.
 */
export async function readBillingHistory(
  needs: BillingHistoryNeeds,
  input: HistoryRequest & { readonly cursor: string | null; readonly limit: number },
): Promise<{ readonly buckets: readonly UsageBucket[]; readonly nextCursor: string | null }> {
  const after = input.cursor === null ? null : parseCursor(input.cursor);
  const page = await readUsageBuckets(needs.database, { ...toQuestion(input), after, limit: input.limit });
  return { buckets: page.buckets, nextCursor: page.next === null ? null : formatCursor(page.next) };
}

/**
 * The whole of a question, page by page, in bounded memory. The first page is read before anything is answered, so that what can be
 * refused is refused. Throws `billing_range_invalid`.
 */
export async function exportBillingHistory(
  needs: BillingHistoryNeeds,
  input: HistoryRequest,
): Promise<AsyncIterable<readonly UsageBucket[]>> {
  const question = toQuestion(input);
  const first = await readUsageBuckets(needs.database, { ...question, after: null, limit: EXPORT_PAGE });
  return followPages(needs, question, first);
}

async function* followPages(needs: BillingHistoryNeeds, question: UsageQuestion, first: UsagePage) {
  let page = first;
  yield page.buckets;
  while (page.next !== null) {
    page = await readUsageBuckets(needs.database, { ...question, after: page.next, limit: EXPORT_PAGE });
    yield page.buckets;
  }
}

function toQuestion(input: HistoryRequest): UsageQuestion {
  const [from, to] = [input.from ?? EARLIEST, input.to ?? LATEST];
  for (const moment of [from, to]) {
    if (moment < EARLIEST || moment > LATEST)
      throw new BillingRangeInvalid("start_date and end_date must lie between the years 2000 and 2100.");
  }
  if (from >= to) throw new BillingRangeInvalid("start_date must lie before end_date, which is not part of the range.");
  const account = accounts.purchase(input.purchaseId);
  return { account, width: WIDTHS[input.interval], from, to, unit: input.unit };
}

const Place = z.tuple([z.number().int().min(0).max(LATEST.getTime()), z.string().max(64)]);

function formatCursor({ bucket, unit }: BucketPlace): string {
  return Buffer.from(JSON.stringify([bucket.getTime(), unit])).toString("base64url");
}

function parseCursor(text: string): BucketPlace {
  try {
    const [bucket, unit] = Place.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
    if (unit.includes("\0")) throw new BillingCursorInvalid();
    return { bucket: new Date(bucket), unit };
  } catch {
    throw new BillingCursorInvalid();
  }
}
