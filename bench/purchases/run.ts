import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import { startEvm } from "../../sandbox/parts/evm.ts";
import { freePort } from "../../sandbox/parts/ports.ts";
import { scanDeposits } from "../../src/integrations/chains/deposits.ts";
import { configuredNetwork } from "../../src/integrations/chains/evm/networks.ts";
import { openChains } from "../../src/integrations/chains/registry.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { parseDollars } from "../../src/money/nanodollars.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { startBenchWorld } from "../ledger/world.ts";
import { startCountingRpc } from "./counting-rpc.ts";

/** Address counts to measure at, and passes per count. */
export type PurchasesBenchOptions = {
  readonly addresses: readonly number[];
  readonly passes: number;
  readonly progress: (line: string) => void;
};

/** What one pass over a quiet chain cost with so many addresses: medians of the passes. */
export type WatcherCost = { readonly addresses: number; readonly rpcCalls: number; readonly milliseconds: number };

/** Everything a run found out. */
export type PurchasesBenchResult = {
  readonly machine: { readonly cores: number; readonly model: string; readonly node: string };
  readonly watcher: readonly WatcherCost[];
};

/**
 * Measures what a pass of the chain's watcher costs while the addresses it watches are quiet: a real node behind a counting door, a real
 * durable database, one empty block between two passes.
 */
export async function runPurchasesBench(options: PurchasesBenchOptions): Promise<PurchasesBenchResult> {
  const runDirectory = mkdtempSync(join(tmpdir(), "tollkeeper-bench-purchases-"));
  options.progress("starting PostgreSQL and a chain");
  const world = await startBenchWorld(1);
  const evm = await startEvm({ runDirectory, port: await freePort(), mining: "on-demand" });
  const rpc = await startCountingRpc(evm.rpc);
  const database = openDatabase(world.applicationUrl, { maxConnections: 4, name: "bench-watcher" });
  const owner = openDatabase(world.ownerUrl, { maxConnections: 1, name: "bench-owner" });
  const ledger = openLedger({ databaseUrl: world.applicationUrl });
  const network = configuredNetwork({
    ...{ chainId: evm.chainId, shortName: "bench", usdc: evm.usdc, usdt: evm.usdt },
    nativePrice: parseDollars("3000"),
  });
  const chain = openChains([{ network, rpcUrl: rpc.url }]).find("bench");
  const logger = createLogger({ level: "silent", name: "bench" });
  try {
    const watcher: WatcherCost[] = [];
    for (const addresses of options.addresses) {
      options.progress(`watching ${addresses.toLocaleString("en")} quiet addresses`);
      await owner.raw(ADD_ADDRESSES, [addresses]);
      const pass = async () => {
        await evm.mine(1);
        rpc.takeCount();
        const start = performance.now();
        await scanDeposits({ database, ledger, chain, logger });
        return { milliseconds: performance.now() - start, rpcCalls: rpc.takeCount() };
      };
      for (let warm = 0; warm < 3; warm += 1) await pass();
      const costs: Awaited<ReturnType<typeof pass>>[] = [];
      for (let each = 0; each < options.passes; each += 1) costs.push(await pass());
      const [rpcCalls, milliseconds] = [costs.map((cost) => cost.rpcCalls), costs.map((cost) => cost.milliseconds)];
      watcher.push({ addresses, rpcCalls: median(rpcCalls), milliseconds: median(milliseconds) });
    }
    const machine = { cores: cpus().length, model: cpus()[0]?.model ?? "unknown", node: process.version };
    return { machine, watcher };
  } finally {
    await Promise.all([ledger.close(), database.destroy(), owner.destroy(), rpc.stop()]);
    await evm.stop();
    await world.stop();
    rmSync(runDirectory, { recursive: true, force: true });
  }
}

/** Brings the table up to so many addresses that nobody pays to. */
const ADD_ADDRESSES = `
  WITH ring AS (
    INSERT INTO key_rings (id, chain_kind, xpub_fingerprint) VALUES ('bench', 'evm', 'bench') ON CONFLICT DO NOTHING)
  INSERT INTO deposit_addresses (id, key_ring_id, index, chain_kind, address, account, wake_subject)
  SELECT 'bench_' || n, 'bench', n, 'evm', '0x' || lpad(to_hex(n + 4096), 40, 'a'), 'purchase/bench_' || n, 'purchase/bench_' || n
  FROM generate_series(1, ?::integer) n ON CONFLICT DO NOTHING`;

/** The result as a table for people. */
export function printPurchasesResult({ machine, watcher }: PurchasesBenchResult): string {
  const table = new Table({
    head: ["quiet addresses", "RPC calls per pass", "ms per pass"],
    style: { head: [], border: [] },
  });
  for (const { addresses, rpcCalls, milliseconds } of watcher)
    table.push([addresses.toLocaleString("en"), String(rpcCalls), milliseconds.toFixed(1)]);
  return `${table.toString()}\n${machine.cores} cores of ${machine.model}, Node ${machine.node}; medians.`;
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}
