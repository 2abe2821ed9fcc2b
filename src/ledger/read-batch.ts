import { arrayElements } from "./array-literal.ts";
import { type Outcome, POSTED, REPLAYED } from "./outcome.ts";
import type { PackedBatch } from "./pack-batch.ts";

/** post_batch's row: arrays of numbers as PostgreSQL text; `statuses` is null where every event was simply posted. */
export type BatchRow = {
  readonly base: string;
  readonly posted_at: Date;
  readonly befores: string | null;
  readonly statuses: string | null;
  readonly entries: string | null;
  readonly afters: string | null;
  readonly requireds: string | null;
  readonly times: readonly (Date | null)[] | null;
  readonly crossed_events: string | null;
  readonly crossed_names: readonly string[] | null;
};

type Crossings = ReadonlyMap<number, readonly string[]>;

/** Reads one outcome per packed command, in order. */
export function readBatch(packed: PackedBatch, row: BatchRow): readonly Outcome[] {
  const crossed = crossingsOf(row);
  return row.statuses === null ? readPosted(packed, row, crossed) : readDecided(row, row.statuses, crossed);
}

function readPosted(packed: PackedBatch, row: BatchRow, crossed: Crossings): readonly Outcome[] {
  const base = Number(row.base);
  const running = arrayElements(row.befores).map((text) => BigInt(text));
  return packed.commands.map(({ command }, index) => {
    const owner = (packed.firstOwner[index] ?? 1) - 1;
    const balance = (running[owner] ?? 0n) - (command.transfers[0]?.amount ?? 0n);
    running[owner] = balance;
    const entryNumber = base + index + 1;
    const thresholdsCrossed = crossed.get(entryNumber) ?? [];
    return { status: POSTED, entryNumber, postedAt: row.posted_at, balance, required: 0n, thresholdsCrossed };
  });
}

function readDecided(row: BatchRow, statuses: string, crossed: Crossings): readonly Outcome[] {
  const entries = arrayElements(row.entries);
  const [afters, requireds] = [arrayElements(row.afters), arrayElements(row.requireds)];
  return arrayElements(statuses).map((text, index) => {
    const status = Number(text);
    const entryNumber = Number(entries[index]);
    return {
      status,
      entryNumber,
      postedAt: (status === REPLAYED ? row.times?.[index] : null) ?? row.posted_at,
      balance: bigintOrNull(afters[index]),
      required: bigintOrNull(requireds[index]) ?? 0n,
      thresholdsCrossed: crossed.get(entryNumber) ?? crossed.get(-(index + 1)) ?? [],
    };
  });
}

function crossingsOf(row: BatchRow): Crossings {
  const found = new Map<number, string[]>();
  for (const [index, event] of arrayElements(row.crossed_events).entries()) {
    const name = row.crossed_names?.[index];
    if (name === undefined) continue;
    const names = found.get(Number(event));
    if (names === undefined) found.set(Number(event), [name]);
    else names.push(name);
  }
  return found;
}

function bigintOrNull(text: string | undefined): bigint | null {
  return text === undefined || text === "NULL" ? null : BigInt(text);
}
