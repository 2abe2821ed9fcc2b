import { cpus, loadavg } from "node:os";
import type { BenchRun } from "../bench-run.ts";
import { measurePaid, type PaidNetwork, type PaidOptions } from "./paid.ts";
import { type LiveSessions, measureSessions, type SessionOptions } from "./sessions.ts";
import { openMerchant } from "./shop.ts";
import { measureUnpaid, type UnpaidOptions, type UnpaidRound } from "./unpaid.ts";
import { startAccessWorld } from "./world.ts";

/** How large each part of the bench is. */
export type AccessBenchOptions = {
  readonly paid: PaidOptions;
  readonly unpaid: UnpaidOptions;
  readonly sessions: SessionOptions;
};

/** Everything a run found out. `loadBefore` is the machine's load average when nothing of the bench ran yet. */
export type AccessBenchResult = {
  readonly machine: {
    readonly cores: number;
    readonly model: string;
    readonly node: string;
    readonly loadBefore: number;
    readonly loadAfter: number;
  };
  readonly paid: readonly PaidNetwork[];
  readonly unpaid: readonly UnpaidRound[];
  readonly sessions: LiveSessions;
};

/** Measures what selling access costs: a paid request, an offer, a session that lives and ends. */
export async function runAccessBench(run: BenchRun, options: AccessBenchOptions): Promise<AccessBenchResult> {
  const loadBefore = currentLoad();
  const world = await startAccessWorld(run);
  try {
    const needs = { run, world, merchant: await openMerchant(world) };
    const paid = await measurePaid(needs, options.paid);
    const unpaid = await measureUnpaid(needs, options.unpaid);
    const sessions = await measureSessions(needs, options.sessions);
    const processors = { cores: cpus().length, model: cpus()[0]?.model ?? "unknown", node: process.version };
    return { machine: { ...processors, loadBefore, loadAfter: currentLoad() }, paid, unpaid, sessions };
  } finally {
    await world.stop();
  }
}

function currentLoad(): number {
  return loadavg()[0] ?? Number.NaN;
}
