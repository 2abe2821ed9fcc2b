/** What one slice measured: events per second, and the time one caller waited for one answer, in milliseconds. */
export type Slice = { readonly perSecond: number; readonly p50: number; readonly p99: number; readonly events: number };

/** Runs `callers` loops that each call, wait for the answer and call again, for `seconds`. One call is `eventsPerCall` events. */
export async function closedLoop(input: {
  readonly callers: number;
  readonly seconds: number;
  readonly eventsPerCall?: number;
  readonly call: (caller: number) => Promise<unknown>;
}): Promise<Slice> {
  const waits: number[] = [];
  const started = performance.now();
  const end = started + input.seconds * 1000;
  const loop = async (caller: number) => {
    for (let now = performance.now(); now < end; ) {
      await input.call(caller);
      const after = performance.now();
      waits.push(after - now);
      now = after;
    }
  };
  await Promise.all(Array.from({ length: input.callers }, (_, caller) => loop(caller)));
  const events = waits.length * (input.eventsPerCall ?? 1);
  return { perSecond: (events * 1000) / (performance.now() - started), events, ...percentiles(waits) };
}

/** The slice whose rate is the median of all rounds. */
export function medianSlice(slices: readonly Slice[]): Slice {
  const sorted = [...slices].sort((a, b) => a.perSecond - b.perSecond);
  return sorted[sorted.length >> 1] ?? { perSecond: 0, p50: 0, p99: 0, events: 0 };
}

/** The middle of a list of numbers. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** The value that `share` (0 to 1) of a list of numbers does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function percentiles(waits: number[]): { readonly p50: number; readonly p99: number } {
  waits.sort((a, b) => a - b);
  return { p50: waits[waits.length >> 1] ?? 0, p99: waits[Math.floor(waits.length * 0.99)] ?? 0 };
}
