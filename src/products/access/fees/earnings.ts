import { z } from "zod";
import { formatDollars, nanodollars } from "../../../money/nanodollars.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { EarningsCursorInvalid, EarningsRangeInvalid } from "../fee-errors.ts";
import {
  type EarningsGroup,
  type EarningsPlace,
  type EarningsRange,
  type EarningsRow,
  type EarningsSums,
  selectEarnings,
  sumEarnings,
} from "./earnings-store.ts";

/** What a merchant asks: `[from, to)`, by default the thirty days up to now. */
export type EarningsQuestion = {
  readonly merchantId: string;
  readonly from: Date | null;
  readonly to: Date | null;
  readonly group: EarningsGroup;
};

type EarningsNeeds = { readonly database: Database; readonly clock: Clock };

const DAY = 86_400_000;
const DEFAULT_DAYS = 30;
const MOST_DAYS = 366;
const EXPORT_PAGE = 1_000;

/**
 * One page of a report and the sums of its whole range. Payments count when they settled, what was given back when it was given, in UTC.
 * Throws `earnings_range_invalid` (also for more than 366 days) and `earnings_cursor_invalid`.
 */
export async function readEarnings(
  needs: EarningsNeeds,
  input: EarningsQuestion & { readonly cursor: string | null; readonly limit: number },
) {
  const range = rangeOf(needs.clock, input);
  const { group, limit } = input;
  const after = input.cursor === null ? null : parseCursor(input.cursor, group);
  const [totals, read] = await Promise.all([
    sumEarnings(needs.database, range),
    selectEarnings(needs.database, { ...range, group, after, limit: limit + 1 }),
  ]);
  const rows = read.slice(0, limit);
  const last = read.length > limit ? rows.at(-1) : undefined;
  return { range, totals, rows, nextCursor: last === undefined ? null : formatCursor(last, group) };
}

/** The whole of a report, page by page, in bounded memory; what can be refused is refused before. Throws `earnings_range_invalid`. */
export async function exportEarnings(
  needs: EarningsNeeds,
  input: EarningsQuestion,
): Promise<AsyncIterable<readonly EarningsRow[]>> {
  const range = rangeOf(needs.clock, input);
  const page = (after: EarningsPlace | null) =>
    selectEarnings(needs.database, { ...range, group: input.group, after, limit: EXPORT_PAGE });
  return followPages(await page(null), page);
}

/**
 * Sums as the wire shows them, dollars as decimal strings. `earned` is what the merchant is left with after fees and returns; what a range
 * gave back may have been sold before it, so it alone can be below zero.
 */
export function earningsView(sums: EarningsSums) {
  const net = nanodollars(sums.gross - sums.fee);
  const returnedNet = nanodollars(sums.returned - sums.returnedFee);
  return {
    payments: sums.payments,
    gross: formatDollars(sums.gross),
    fee: formatDollars(sums.fee),
    net: formatDollars(net),
    returned: formatDollars(sums.returned),
    returnedFee: formatDollars(sums.returnedFee),
    earned: formatDollars(nanodollars(net - returnedNet)),
  };
}

/** A row as the wire shows it; base units are of its own token. */
export function earningsRowView(row: EarningsRow, group: EarningsGroup) {
  const { key, network, token, grossUnits, feeUnits } = row;
  const units = { grossUnits: `${grossUnits}`, feeUnits: `${feeUnits}`, netUnits: `${grossUnits - feeUnits}` };
  return { groupBy: group, key, network, token, ...earningsView(row), ...units };
}

async function* followPages(
  first: readonly EarningsRow[],
  page: (after: EarningsPlace) => Promise<readonly EarningsRow[]>,
): AsyncGenerator<readonly EarningsRow[]> {
  let rows = first;
  for (;;) {
    yield rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < EXPORT_PAGE) return;
    rows = await page(last);
  }
}

function rangeOf(clock: Clock, { merchantId, from, to }: EarningsQuestion): EarningsRange {
  const end = to ?? new Date(clock.now());
  const start = from ?? new Date(end.getTime() - DEFAULT_DAYS * DAY);
  if (start >= end) throw new EarningsRangeInvalid("from must lie before to, which is not part of the range.");
  if (end.getTime() - start.getTime() > MOST_DAYS * DAY) {
    throw new EarningsRangeInvalid(`A report covers at most ${MOST_DAYS} days.`);
  }
  return { merchantId, from: start, to: end };
}

const Place = z.tuple([z.enum(["day", "asset", "network", "token"]), z.string(), z.string(), z.string()]);

function formatCursor({ key, network, token }: EarningsPlace, group: EarningsGroup): string {
  return Buffer.from(JSON.stringify([group, key, network, token])).toString("base64url");
}

function parseCursor(text: string, asked: EarningsGroup): EarningsPlace {
  try {
    const [group, key, network, token] = Place.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
    const isOdd = [key, network, token].some((part) => part.length > 200 || part.includes("\0"));
    if (group !== asked || isOdd) throw new EarningsCursorInvalid();
    return { key, network, token };
  } catch {
    throw new EarningsCursorInvalid();
  }
}
