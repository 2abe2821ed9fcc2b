import { arrayElements } from "./array-literal.ts";
import { type CrossingColumns, crossingsByEvent } from "./crossing-columns.ts";
import { type Outcome, REPLAYED } from "./outcome.ts";

/** post_batch's row: one element per event; arrays of numbers as PostgreSQL text. */
export type BatchRow = CrossingColumns & {
  readonly base: string;
  readonly posted_at: Date;
  readonly statuses: string;
  readonly entries: string;
  readonly afters: string;
  readonly requireds: string;
  readonly times: readonly (Date | null)[];
};

/** Reads one outcome per event, in order. */
export function readBatch(row: BatchRow): readonly Outcome[] {
  const crossed = crossingsByEvent(row);
  const entries = arrayElements(row.entries);
  const [afters, requireds] = [arrayElements(row.afters), arrayElements(row.requireds)];
  return arrayElements(row.statuses).map((text, index) => {
    const status = Number(text);
    const entryNumber = Number(entries[index]);
    return {
      status,
      entryNumber,
      postedAt: (status === REPLAYED ? row.times[index] : null) ?? row.posted_at,
      balance: bigintOrNull(afters[index]),
      required: bigintOrNull(requireds[index]) ?? 0n,
      thresholdsCrossed: crossed.get(entryNumber) ?? crossed.get(-(index + 1)) ?? [],
    };
  });
}

function bigintOrNull(text: string | undefined): bigint | null {
  return text === undefined || text === "NULL" ? null : BigInt(text);
}
