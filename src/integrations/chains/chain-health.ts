import { setTimeout as sleep } from "node:timers/promises";
import { DomainError } from "../../errors.ts";
import type { Database } from "../../platform/database/pool.ts";
import type { Chain } from "./chain.ts";
import { readCursor } from "./deposits/cursor-store.ts";
import { RpcUnavailable } from "./errors.ts";

/** A chain as readiness and metrics see it. `lagBlocks` is how far the scanner is behind the node; -1 while unknown. */
export type ChainHealth = {
  readonly chain: string;
  readonly healthy: boolean;
  readonly head: number;
  readonly scannedTo: number;
  readonly lagBlocks: number;
  /** Code of the failure, or `scanner_behind`; empty when healthy. */
  readonly reason: string;
};

/** Blocks the scanner may be behind before it counts as unhealthy: about a minute of most rollups. */
const LAG_LIMIT = 30;

/** A readiness probe waits no longer for the node; work itself is more patient. */
const PATIENCE_MILLISECONDS = 2_000;

/** Asks the node for its head and compares it with the scanner's cursor. Never throws because of the node, answers within seconds. */
export async function readChainHealth(needs: {
  readonly database: Database;
  readonly chain: Chain;
}): Promise<ChainHealth> {
  const { database, chain } = needs;
  const scannedTo = (await readCursor(database, chain.network.id))?.scannedTo ?? -1;
  const base = { chain: chain.network.id, scannedTo };
  try {
    const head = (await Promise.race([chain.readHead(), giveUp(chain.network.id)])).number;
    const lagBlocks = scannedTo < 0 ? -1 : Math.max(0, head - scannedTo);
    const healthy = lagBlocks <= LAG_LIMIT;
    return { ...base, healthy, head, lagBlocks, reason: healthy ? "" : "scanner_behind" };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { ...base, healthy: false, head: -1, lagBlocks: -1, reason: error.code };
  }
}

async function giveUp(chain: string): Promise<never> {
  await sleep(PATIENCE_MILLISECONDS, undefined, { ref: false });
  throw new RpcUnavailable(chain, "it took too long");
}
