import Table from "cli-table3";
import { median } from "../ledger/closed-loop.ts";
import { goalsOf, megabytesOfKept, ratioOfLimit, type Spread, waitsOf, wakingOfLimit } from "./goals.ts";
import type { HistoryCosts } from "./histories.ts";
import type { PurchasesBenchResult } from "./run.ts";
import type { Sleepers } from "./sleepers.ts";
import type { Throughput } from "./throughput.ts";
import type { WatcherCost } from "./watcher.ts";

/** The whole result as text. Pure. */
export function printPurchasesResult(result: PurchasesBenchResult): string {
  const { machine, throughput, histories, sleepers, watcher } = result;
  const goals = goalsOf(result).map(({ name, reached, wanted, met }) => [
    name,
    round(reached),
    wanted,
    met ? "met" : "MISSED",
  ]);
  return [
    `${machine.cores} cores (${machine.model}), Node ${machine.node}; everything runs on them, the customers too. Medians of the rounds.`,
    printThroughput(throughput),
    printHistories(histories),
    printSleepers(sleepers),
    printWatcher(watcher),
    table(["goal", "reached", "wanted", ""], goals),
  ].join("\n");
}

/** The whole result for programs. Each purchase's own times are left out. Pure. */
export function purchasesToJson(result: PurchasesBenchResult): unknown {
  const { inFlight, activities, rounds, sold } = result.throughput;
  const times = { purchases: sold.length, milliseconds: waitsOf(sold) };
  const throughput = {
    in_flight: inFlight,
    activities,
    rounds,
    ratio_of_limit: ratioOfLimit(result.throughput),
    times,
  };
  return { ...result, throughput, goals: goalsOf(result) };
}

function printThroughput(throughput: Throughput): string {
  const { rounds, inFlight, activities, sold } = throughput;
  const count = activities.reduce((sum, each) => sum + each, 0);
  const waits = waitsOf(sold);
  const line = (name: string, { p50, p99 }: Spread) => [name, "", Math.round(p50), Math.round(p99)];
  return table(
    [`${sold.length} purchases, ${inFlight} in flight`, "per second", "p50 ms", "p99 ms"],
    [
      ["machine: buckets the store makes", round(median(rounds.map(({ buckets }) => buckets))), "", ""],
      [
        `machine: ${activities.length} empty workflows with ${count} activities`,
        round(median(rounds.map(({ emptyPurchases }) => emptyPurchases))),
        "",
        "",
      ],
      ["purchases, active and swept", round(median(rounds.map(({ purchases }) => purchases))), "", ""],
      line("confirmed deposit -> active", waits.confirmedToActive),
      line("finalized -> active", waits.finalizedToActive),
      line("active -> swept", waits.activeToSwept),
      line("checkout -> active and swept", waits.startToSwept),
    ],
  );
}

function printHistories(costs: HistoryCosts): string {
  const sizes = [
    ["checkout", costs.checkout],
    ["purchase, provisioned", costs.provisioned],
    ["purchase, low, critical, grace, terminated", costs.terminated],
    ["sweep", costs.sweep],
    ["notice", costs.notice],
    ["all of these of one purchase, provisioned", costs.wholeWhenProvisioned],
    [`all of these at its end, ${costs.noticesWhenTerminated} notices`, costs.wholeWhenTerminated],
  ] as const;
  const rows = sizes.map(([name, { events, bytes, activities }]) => [name, events, format(bytes), activities]);
  return table([`history in Temporal, ${costs.sampled} purchases`, "events", "bytes", "activities"], rows);
}

function printSleepers(sleepers: Sleepers): string {
  const { kept, residentBefore, residentAsleep, residentAfterWaking, fallAsleepMs, wakeMs, emptyMs } = sleepers;
  const wake = median(wakeMs);
  return table(
    [`${format(sleepers.sleepers)} sleeping purchases, one worker`, ""],
    [
      ["kept in the worker's memory (its sticky cache)", format(kept)],
      ["worker's memory before, MB", megabytes(residentBefore)],
      ["worker's memory, all asleep, MB", megabytes(residentAsleep)],
      ["worker's memory after all were woken, MB", megabytes(residentAfterWaking)],
      ["of that for each workflow kept, MB", round(megabytesOfKept(sleepers))],
      ["started, evaluated and asleep, ms", format(Math.round(fallAsleepMs))],
      ["all woken and evaluated, ms", format(Math.round(wake))],
      ["wakes a second", format(Math.round((sleepers.sleepers * 1000) / wake))],
      ["machine: as many empty workflows of one activity, ms", format(Math.round(median(emptyMs)))],
      ["machine / waking all", round(wakingOfLimit(sleepers))],
    ],
  );
}

function printWatcher(costs: readonly WatcherCost[]): string {
  const head = ["quiet addresses", "RPC calls per pass", "ms per pass", "naive: RPC calls", "naive: ms"];
  const rows = costs.map(({ addresses, rpcCalls, milliseconds, naive }) => [
    ...[format(addresses), rpcCalls, milliseconds.toFixed(1)],
    ...(naive === undefined ? ["", ""] : [format(naive.rpcCalls), naive.milliseconds.toFixed(1)]),
  ]);
  return table(head, rows);
}

/** A table as text, its numbers to the right. Pure. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const colAligns = head.map((_, column) => (column === 0 ? "left" : "right"));
  const made = new Table({ head: [...head], style: { head: [], border: [] }, colAligns: [...colAligns] });
  made.push(...rows.map((row) => [...row]));
  return made.toString();
}

/** Bytes as whole megabytes. Pure. */
export function megabytes(bytes: number): string {
  return format(Math.round(bytes / 1_048_576));
}

/** A number with its thousands apart. Pure. */
export function format(value: number): string {
  return value.toLocaleString("en");
}

/** Three digits that mean something. Pure. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}
