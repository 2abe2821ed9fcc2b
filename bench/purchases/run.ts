import { cpus } from "node:os";
import type { BenchRun } from "../bench-run.ts";
import { openEmptyWorkflows } from "./empty-workflows.ts";
import { type HistoryCosts, measureHistories } from "./histories.ts";
import { openShop } from "./sales.ts";
import { measureSleepers, type SleeperOptions, type Sleepers } from "./sleepers.ts";
import { measureThroughput, type Throughput, type ThroughputOptions } from "./throughput.ts";
import { measureWatcher, type WatcherCost, type WatcherOptions } from "./watcher.ts";
import { startSaleWorld } from "./world.ts";

/** How large each part of the bench is; `sampled` purchases are followed to the end of their lives. */
export type PurchasesBenchOptions = {
  readonly watcher: WatcherOptions;
  readonly throughput: ThroughputOptions;
  readonly sampled: number;
  readonly sleepers: SleeperOptions;
};

/** Everything a run found out. */
export type PurchasesBenchResult = {
  readonly machine: { readonly cores: number; readonly model: string; readonly node: string };
  readonly watcher: readonly WatcherCost[];
  readonly throughput: Throughput;
  readonly histories: HistoryCosts;
  readonly sleepers: Sleepers;
};

/** Measures what purchases cost: watching their addresses, selling them, what Temporal keeps of them, and their sleep. */
export async function runPurchasesBench(run: BenchRun, options: PurchasesBenchOptions): Promise<PurchasesBenchResult> {
  const watcher = await measureWatcher(run, options.watcher);
  const sales = await measureSales(run, options);
  const machine = { cores: cpus().length, model: cpus()[0]?.model ?? "unknown", node: process.version };
  return { machine, watcher, ...sales };
}

async function measureSales(run: BenchRun, options: PurchasesBenchOptions) {
  const world = await startSaleWorld(run);
  const shop = openShop(world);
  try {
    const runEmpty = await openEmptyWorkflows(world);
    const throughput = await measureThroughput({ run, world, shop, runEmpty }, options.throughput);
    run.progress(`histories: following ${options.sampled} purchases to the end of their lives`);
    const histories = await measureHistories({ world, shop }, throughput.sold.slice(-options.sampled));
    const sleepers = await measureSleepers({ run, world, runEmpty }, options.sleepers);
    return { throughput, histories, sleepers };
  } finally {
    await shop.close();
    await world.stop();
  }
}
