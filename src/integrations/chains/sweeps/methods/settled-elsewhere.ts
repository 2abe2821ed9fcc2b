import { markSettledElsewhere, type Sweep } from "../sweep-store.ts";
import type { SweepNeeds, SweepStep } from "./sweep-method.ts";

const LONGEST_WAIT_SECONDS = 60;

/**
 * What to do about a sweep whose tokens another transaction has moved: nothing any more once its block is final, and until then to look again,
 * since a reorg may give the tokens back. Throws `RpcUnavailable`.
 */
export async function settleElsewhere(
  { chain, database }: Pick<SweepNeeds, "chain" | "database">,
  { sweep, transactionHash }: { readonly sweep: Pick<Sweep, "id">; readonly transactionHash: string },
): Promise<SweepStep> {
  const { blockTimeSeconds, finalityBlocks } = chain.network;
  const receipt = await chain.readReceipt(transactionHash);
  const head = await chain.readHead();
  const missing = receipt === undefined ? finalityBlocks : finalityBlocks - (head.number - receipt.block.number + 1);
  const canonical = receipt && (await chain.readBlockHash(receipt.block.number));
  if (missing > 0 || canonical !== receipt?.block.hash) {
    const seconds = Math.min(LONGEST_WAIT_SECONDS, Math.max(1, missing) * blockTimeSeconds);
    return { state: "waiting", seconds, reason: `until ${transactionHash}, which moved them, is final` };
  }
  await markSettledElsewhere(database, { id: sweep.id, hash: transactionHash });
  return { state: "settled", transactionHash };
}
