import { execFileSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import type { BenchRun } from "../bench-run.ts";
import { median } from "../ledger/closed-loop.ts";
import { openFundedPurchases } from "../ledger/world.ts";
import type { BenchProcess } from "../processes.ts";
import type { EmptyWorkflows } from "./empty-workflows.ts";
import type { SaleWorld } from "./world.ts";

/** How many purchases sleep, and how often all of them are woken. */
export type SleeperOptions = { readonly sleepers: number; readonly wakings: number };

/** What sleeping purchases cost one worker. Memory is resident, in bytes. */
export type Sleepers = {
  readonly sleepers: number;
  /** Workflows the worker keeps in memory, before and asleep; the others are only in Temporal until they are woken. */
  readonly keptBefore: number;
  readonly kept: number;
  readonly residentBefore: number;
  readonly residentAsleep: number;
  readonly residentAfterWaking: number;
  /** From the first wake raised to the last purchase evaluated, at the start and at each waking, in milliseconds. */
  readonly fallAsleepMs: number;
  readonly wakeMs: readonly number[];
  /** As many workflows of one activity that does nothing, started and ended right before each waking, in milliseconds. */
  readonly emptyMs: readonly number[];
};

type Needs = { readonly run: BenchRun; readonly world: SaleWorld; readonly runEmpty: EmptyWorkflows };

const PATIENCE_MS = 300_000;
const IN_FLIGHT = 64;
const WARMING_UP = 20;

/** Lets so many purchases start and sleep on a worker that was just started, and wakes all of them. */
export async function measureSleepers(needs: Needs, { sleepers, wakings }: SleeperOptions): Promise<Sleepers> {
  const { run, world, runEmpty } = needs;
  run.progress(`sleepers: putting ${sleepers.toLocaleString("en")} purchases to sleep on a fresh worker`);
  await world.worker.stop();
  await openFundedPurchases(world.parts.postgres, sleepers);
  // Their credits raised wakes already; the measure raises its own.
  await world.database.query("DELETE FROM wakes WHERE subject LIKE 'purchase/pur_bench%'");
  await world.worker.start();
  // A few before all others: what a worker needs once is not a purchase's memory.
  await wake(world, WARMING_UP);
  const residentBefore = await steadyResident(world.worker);
  const keptBefore = await keptWorkflows(world);
  const fallAsleepMs = await wake(world, sleepers);
  const residentAsleep = await steadyResident(world.worker);
  const kept = await keptWorkflows(world);
  const wakeMs: number[] = [];
  const emptyMs: number[] = [];
  for (let waking = 1; waking <= wakings; waking += 1) {
    run.progress(`sleepers: waking all, ${waking} of ${wakings}`);
    const emptyPerSecond = await runEmpty({ activities: [1], sets: sleepers, inFlight: IN_FLIGHT });
    emptyMs.push((sleepers * 1000) / emptyPerSecond);
    wakeMs.push(await wake(world, sleepers));
  }
  const residentAfterWaking = await steadyResident(world.worker);
  const memory = { residentBefore, residentAsleep, residentAfterWaking, keptBefore, kept };
  return { sleepers, ...memory, fallAsleepMs, wakeMs, emptyMs };
}

/** Raises a wake for each of the first `sleepers` and waits until each was evaluated after that; answers how long it took. */
async function wake({ database, worker }: SaleWorld, sleepers: number): Promise<number> {
  const ids = Array.from({ length: sleepers }, (_, index) => `pur_bench${index}`);
  const begin = performance.now();
  const { rows } = await database.query<{ at: string }>(
    "SELECT now()::text AS at, count(raise_wake('purchase/' || id)) FROM purchases WHERE id = ANY ($1) GROUP BY 1",
    [ids],
  );
  const at = rows[0]?.at;
  for (;;) {
    const evaluated = await database.query<{ count: string }>(
      "SELECT count(*) FROM purchases WHERE id = ANY ($1) AND evaluated_at > $2::timestamptz",
      [ids, at],
    );
    const took = performance.now() - begin;
    const reached = Number(evaluated.rows[0]?.count);
    if (reached >= sleepers) return took;
    if (took > PATIENCE_MS)
      throw new Error(
        `Only ${reached} of ${sleepers} sleepers woke up. The worker's last lines:\n${worker.lastLines()}`,
      );
    await pause(50);
  }
}

/** Resident memory of a process once nothing is under way, in bytes: read until it moves by less than 1 %, 15 seconds at most. */
export async function steadyResident(worker: BenchProcess): Promise<number> {
  const recent: number[] = [];
  for (let second = 0; second < 15; second += 1) {
    await pause(1_000);
    recent.push(residentBytes(worker.pid()));
    const last = recent.slice(-3);
    if (last.length === 3 && Math.max(...last) - Math.min(...last) < Math.min(...last) / 100) break;
  }
  return median(recent.slice(-3));
}

function residentBytes(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) * 1024;
}

/** What the worker itself says it has in its sticky cache. */
async function keptWorkflows({ metricsUrl }: SaleWorld): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  const values = text.split("\n").filter((line) => line.startsWith("temporal_sticky_cache_size{"));
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}
