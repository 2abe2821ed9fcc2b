import { JsonRpcProvider } from "ethers";
import { type EvmPart, startEvm } from "../../sandbox/parts/evm.ts";
import { freePort } from "../../sandbox/parts/ports.ts";
import { scanDeposits } from "../../src/integrations/chains/deposits/deposits.ts";
import { configuredNetwork } from "../../src/integrations/chains/evm/networks.ts";
import { openChains } from "../../src/integrations/chains/registry.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { parseDollars } from "../../src/money/nanodollars.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import { createLogger } from "../../src/platform/logger.ts";
import type { BenchRun } from "../bench-run.ts";
import { median } from "../ledger/closed-loop.ts";
import { type BenchWorld, startBenchWorld } from "../ledger/world.ts";
import { type CountingRpc, startCountingRpc } from "./counting-rpc.ts";

/** Address counts to measure at, passes per count, and how many addresses the naive watcher is still measured with. */
export type WatcherOptions = {
  readonly addresses: readonly number[];
  readonly passes: number;
  readonly naiveUpTo: number;
};

/** What one pass over a quiet chain cost with so many addresses: medians of the passes. */
export type WatcherCost = {
  readonly addresses: number;
  readonly rpcCalls: number;
  readonly milliseconds: number;
  /** The naive watcher, which asks each address's balance; absent where it would take minutes. */
  readonly naive?: { readonly rpcCalls: number; readonly milliseconds: number };
};

type Watched = {
  readonly world: BenchWorld;
  readonly evm: EvmPart;
  readonly rpc: CountingRpc;
};

const NAIVE_IN_FLIGHT = 16;

/**
 * Measures what a pass of the chain's watcher costs while the addresses it watches are quiet: a real node behind a counting door, a real
 * durable database, one empty block between two passes.
 */
export async function measureWatcher(run: BenchRun, options: WatcherOptions): Promise<readonly WatcherCost[]> {
  run.progress("watcher: starting PostgreSQL and a chain");
  const world = await startBenchWorld(run, 1);
  const evm = await startEvm({ runDirectory: run.folder, port: await freePort(), mining: "on-demand" });
  run.shutdown.add(evm);
  const rpc = await startCountingRpc(evm.rpc);
  try {
    return await measureAll(run, { world, evm, rpc }, options);
  } finally {
    await rpc.stop();
    await evm.stop();
    await world.stop();
  }
}

async function measureAll(run: BenchRun, watched: Watched, options: WatcherOptions): Promise<readonly WatcherCost[]> {
  const { world, evm, rpc } = watched;
  const database = openDatabase(world.applicationUrl, { maxConnections: 4, name: "bench-watcher" });
  const owner = openDatabase(world.ownerUrl, { maxConnections: 1, name: "bench-owner" });
  const ledger = openLedger({ databaseUrl: world.applicationUrl });
  const network = configuredNetwork({
    ...{ chainId: evm.chainId, shortName: "bench", usdc: evm.usdc, usdt: evm.usdt },
    nativePrice: parseDollars("3000"),
  });
  const chain = openChains([{ network, rpcUrl: rpc.url }]).find("bench");
  const logger = createLogger({ level: "silent", name: "bench" });
  const naive = new JsonRpcProvider(rpc.url, evm.chainId, { staticNetwork: true, cacheTimeout: -1, batchMaxCount: 1 });
  try {
    const costs: WatcherCost[] = [];
    for (const addresses of options.addresses) {
      run.progress(`watcher: ${addresses.toLocaleString("en")} quiet addresses`);
      await owner.raw(ADD_ADDRESSES, [addresses]);
      const ours = () => scanDeposits({ database, ledger, chain, logger });
      const cost = await measurePasses(watched, { passes: options.passes, pass: ours });
      const asked = { passes: 3, pass: () => askEveryBalance(naive, { token: evm.usdc, addresses }) };
      const naively = addresses <= options.naiveUpTo ? { naive: await measurePasses(watched, asked) } : {};
      costs.push({ addresses, ...cost, ...naively });
    }
    return costs;
  } finally {
    naive.destroy();
    await Promise.all([ledger.close(), database.destroy(), owner.destroy()]);
  }
}

async function measurePasses(
  { evm, rpc }: Watched,
  { passes, pass }: { readonly passes: number; readonly pass: () => Promise<unknown> },
) {
  const calls: number[] = [];
  const times: number[] = [];
  for (let each = -3; each < passes; each += 1) {
    await evm.mine(1);
    rpc.takeCount();
    const start = performance.now();
    await pass();
    // The first three only warm up.
    if (each < 0) continue;
    times.push(performance.now() - start);
    calls.push(rpc.takeCount());
  }
  return { rpcCalls: median(calls), milliseconds: median(times) };
}

/** What a watcher without an index would do: one `balanceOf` for every address, sixteen at a time. */
async function askEveryBalance(
  provider: JsonRpcProvider,
  { token, addresses }: { readonly token: string; readonly addresses: number },
): Promise<void> {
  let next = 0;
  const ask = async () => {
    for (let index = next++; index < addresses; index = next++) {
      const padded = (index + 4097).toString(16).padStart(64, "0");
      await provider.send("eth_call", [{ to: token, data: `0x70a08231${padded}` }, "latest"]);
    }
  };
  await Promise.all(Array.from({ length: NAIVE_IN_FLIGHT }, ask));
}

/** Brings the table up to so many addresses that nobody pays to. */
const ADD_ADDRESSES = `
  WITH ring AS (
    INSERT INTO key_rings (id, chain_kind, xpub_fingerprint) VALUES ('bench', 'evm', 'bench') ON CONFLICT DO NOTHING)
  INSERT INTO deposit_addresses (id, key_ring_id, index, chain_kind, address, account, wake_subject)
  SELECT 'bench_' || n, 'bench', n, 'evm', '0x' || lpad(to_hex(n + 4096), 40, 'a'), 'purchase/bench_' || n, 'purchase/bench_' || n
  FROM generate_series(1, ?::integer) n ON CONFLICT DO NOTHING`;
