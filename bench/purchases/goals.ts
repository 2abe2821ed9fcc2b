import { median, percentile } from "../ledger/closed-loop.ts";
import type { PurchasesBenchResult } from "./run.ts";
import type { SoldPurchase } from "./sales.ts";
import type { Sleepers } from "./sleepers.ts";
import type { Throughput } from "./throughput.ts";

/** One goal of the project, what this run reached, and whether that is enough. */
export type Goal = { readonly name: string; readonly reached: number; readonly wanted: string; readonly met: boolean };

/** The middle and the 99th of a hundred, in milliseconds. */
export type Spread = { readonly p50: number; readonly p99: number };

/** The goals of the purchases against one result: ratios to what this machine does in the same run, and sizes. Pure. */
export function goalsOf({ watcher, throughput, histories, sleepers }: PurchasesBenchResult): readonly Goal[] {
  const [few] = watcher;
  const many = watcher.at(-1);
  const ofMany = `${(many?.addresses ?? 0).toLocaleString("en")} quiet addresses / ${few?.addresses ?? 0}`;
  const calls = (many?.rpcCalls ?? Number.NaN) / (few?.rpcCalls ?? Number.NaN);
  const milliseconds = (many?.milliseconds ?? Number.NaN) / (few?.milliseconds ?? Number.NaN);
  return [
    atLeast("purchases / as many empty workflows with as many activities", ratioOfLimit(throughput), 0.5),
    atMost("p99 / p50 of the time from confirmed to active", waitsOf(throughput.sold).ratio, 3),
    atMost("history events of a purchase, provisioned", histories.provisioned.events, 60),
    atMost("history events of a purchase, from start to terminated", histories.terminated.events, 150),
    atMost("history kilobytes of a purchase, from start to terminated", histories.terminated.bytes / 1_000, 30),
    atMost("history events of a sweep", histories.sweep.events, 50),
    atMost("history events of a notice", histories.notice.events, 15),
    atMost("megabytes of a workflow kept in the worker's memory", megabytesOfKept(sleepers), 0.5),
    atLeast("waking all / as many empty workflows of one activity", wakingOfLimit(sleepers), 0.5),
    atMost(`RPC calls per pass, ${ofMany}`, calls, 1),
    atMost(`time per pass, ${ofMany}`, milliseconds, 1.5),
  ];
}

/** Median of the rounds' ratios: purchases to empty ones of the same moments. Pure. */
export function ratioOfLimit({ rounds }: Pick<Throughput, "rounds">): number {
  return median(rounds.map(({ purchases, emptyPurchases }) => purchases / emptyPurchases));
}

/** How long customers waited: from the confirmed deposit, and from their own finalizing, to the active purchase, and to the sweep. Pure. */
export function waitsOf(sold: readonly SoldPurchase[]) {
  const spread = (of: (sale: SoldPurchase) => number): Spread => {
    const times = sold.map(of);
    return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
  };
  const confirmedToActive = spread(({ confirmedAt, activeAt }) => activeAt - confirmedAt);
  return {
    confirmedToActive,
    finalizedToActive: spread(({ finalizedAt, activeAt }) => activeAt - finalizedAt),
    activeToSwept: spread(({ activeAt, sweptAt }) => sweptAt - activeAt),
    startToSwept: spread(({ startedAt, sweptAt }) => sweptAt - startedAt),
    ratio: confirmedToActive.p99 / confirmedToActive.p50,
  };
}

/** What one workflow in the worker's memory costs: the growth by the first sleep, shared by those that were kept. Pure. */
export function megabytesOfKept({ residentBefore, residentAsleep, keptBefore, kept }: Sleepers): number {
  return (residentAsleep - residentBefore) / (kept - keptBefore) / 1_048_576;
}

/** How near waking everybody comes to starting, doing nothing and ending as often: median of the wakings' ratios. Pure. */
export function wakingOfLimit({ wakeMs, emptyMs }: Pick<Sleepers, "wakeMs" | "emptyMs">): number {
  return median(wakeMs.map((took, waking) => (emptyMs[waking] ?? Number.NaN) / took));
}

/** A goal that more is better of. Pure. */
export function atLeast(name: string, reached: number, goal: number): Goal {
  return { name, reached, wanted: `>= ${goal}`, met: reached >= goal };
}

/** A goal that less is better of. Pure. */
export function atMost(name: string, reached: number, goal: number): Goal {
  return { name, reached, wanted: `<= ${goal}`, met: reached <= goal };
}
