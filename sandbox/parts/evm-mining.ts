import type { JsonRpcProvider } from "ethers";

const EVERY_MS = 1_000;
const CONFIRMATIONS = 40;
const IDLE_BLOCK_MS = 30_000;

/**
 * Lets confirmations advance as on a real chain: a block a second for 40 blocks after each transaction, and one every 30 s while
 * nothing happens, so that the state of a chain left on for weeks stays small. Returns the function that ends it.
 */
export function keepMining(provider: JsonRpcProvider): () => void {
  const seen = { block: -1, lastTransactionAt: 0, lastMinedAt: 0 };
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    // A chain that is stopping or starting answers nothing; the next tick tries again.
    step(provider, seen)
      .catch(() => undefined)
      .finally(() => {
        busy = false;
      });
  }, EVERY_MS);
  return () => clearInterval(timer);
}

type Seen = { block: number; lastTransactionAt: number; lastMinedAt: number };

async function step(provider: JsonRpcProvider, seen: Seen): Promise<void> {
  const head = await provider.getBlockNumber();
  if (seen.block < 0) seen.lastTransactionAt = head;
  // Every block that is not one of ours was made for a transaction.
  if (seen.block >= 0 && head > seen.block) seen.lastTransactionAt = head;
  const pending = head - seen.lastTransactionAt < CONFIRMATIONS;
  if (pending || Date.now() - seen.lastMinedAt > IDLE_BLOCK_MS) {
    await provider.send("evm_mine", []);
    seen.lastMinedAt = Date.now();
    seen.block = head + 1;
    return;
  }
  seen.block = head;
}
