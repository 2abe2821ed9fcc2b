import { ZERO } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { type BlockReference, type Chain, confirmationsFor } from "../chain.ts";
import { ChainIdMismatch, RpcUnavailable } from "../errors.ts";
import type { LedgerWriter } from "../ledger-writer.ts";
import type { ChainLogger } from "../logger.ts";
import { isTransferOf } from "./deposit-evidence.ts";
import type { Deposit } from "./deposit-store.ts";
import { worthOf } from "./deposit-value.ts";
import { observeTransfers } from "./observe-transfers.ts";
import { listNotFinal, markChecked, markDoubted, moveDeposit } from "./recheck-store.ts";
import { reverseDeposit } from "./reverse-deposit.ts";

/** Deposits looked at in one pass, and how often each is looked at on its way to finality when nothing happens. */
const PASS_LIMIT = 500;
const LOOKS_UNTIL_FINAL = 32;

type Needs = {
  readonly database: Database;
  readonly ledger: LedgerWriter;
  readonly chain: Chain;
  readonly logger: ChainLogger;
};

/** How many credited deposits were found final, in another block, doubted for now, or taken back. */
export type RecheckTally = {
  readonly final: number;
  readonly moved: number;
  readonly doubted: number;
  readonly reversed: number;
};

/** What the chain says of a credited deposit's block. `unknown`: no provider can tell, or they differ. */
type Standing =
  | { readonly standing: "same" }
  | { readonly standing: "unknown" }
  | { readonly standing: "elsewhere"; readonly block: BlockReference }
  | { readonly standing: "gone"; readonly reason: "block_replaced" | "transaction_failed" | "transfer_changed" };

/**
 * Looks again at deposits that were credited and whose blocks are not final: one question per block, now and then, and at once after a reorg.
 * A transfer found in another block keeps its credit; one that is gone is reversed, but only after as many further blocks as the credit itself
 * needed said the same. Work grows with deposits on their way to finality, never with old ones.
 */
export async function recheckDeposits(needs: Needs, input: { readonly head: number }): Promise<RecheckTally> {
  const { database, chain } = needs;
  const { id, finalityBlocks } = chain.network;
  const checkedBefore = input.head - Math.max(1, Math.floor(finalityBlocks / LOOKS_UNTIL_FINAL));
  const due = await listNotFinal(database, { chain: id, checkedBefore, limit: PASS_LIMIT });
  const standing = await groupByBlock(needs, due);
  const tally = { final: 0, moved: 0, doubted: 0, reversed: 0 };
  const same = due.filter((deposit) => standing.get(deposit.id) === "same");
  const isFinal = ({ blockNumber }: Deposit) => input.head - blockNumber + 1 >= finalityBlocks;
  for (const final of [true, false]) {
    const ids = same.filter((deposit) => isFinal(deposit) === final).map((deposit) => deposit.id);
    await markChecked(database, { ids, head: input.head, final });
    if (final) tally.final = ids.length;
  }
  for (const deposit of due.filter((candidate) => standing.get(candidate.id) === "replaced")) {
    const outcome = await settle(needs, { deposit, head: input.head });
    if (outcome !== "unknown") tally[outcome] += 1;
  }
  return tally;
}

/** One question per block and provider: is it what it was? */
async function groupByBlock(needs: Needs, due: readonly Deposit[]) {
  const hashes = new Map<number, string | undefined>();
  for (const number of new Set(due.map(({ blockNumber }) => blockNumber))) {
    hashes.set(number, await readAgreedHash(needs.chain, number));
  }
  return new Map(
    due.map((deposit) => {
      const hash = hashes.get(deposit.blockNumber);
      if (hash === undefined) return [deposit.id, "unknown"];
      return [deposit.id, hash === deposit.blockHash ? "same" : "replaced"];
    }),
  );
}

/** The block's hash as every provider gives it; undefined when one does not know, does not answer, or says otherwise. */
async function readAgreedHash(chain: Chain, blockNumber: number): Promise<string | undefined> {
  const hashes = await Promise.all(
    (chain.witnesses ?? [chain]).map((witness) => orUndefined(chain, () => witness.readBlockHash(blockNumber))),
  );
  return hashes.every((hash) => hash === hashes[0]) ? hashes[0] : undefined;
}

/** With several providers a failure of one is only silence; the failure of the only one is told. */
async function orUndefined<Value>(chain: Chain, ask: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await ask();
  } catch (error) {
    const silent = error instanceof RpcUnavailable || error instanceof ChainIdMismatch;
    if (silent && chain.witnesses !== undefined) return undefined;
    throw error;
  }
}

async function settle(
  needs: Needs,
  input: { readonly deposit: Deposit; readonly head: number },
): Promise<"moved" | "doubted" | "reversed" | "unknown"> {
  const { deposit, head } = input;
  const { database, chain, logger } = needs;
  const found = await readStanding(chain, deposit);
  if (found.standing === "unknown" || found.standing === "same") return "unknown";
  if (found.standing === "elsewhere") {
    return (await moveDeposit(database, { deposit, block: found.block, head })) ? "moved" : "unknown";
  }
  const { reason } = found;
  const needed = confirmationsFor(chain.network, worthOf(chain.network, deposit)?.amount ?? ZERO);
  const isProven = deposit.doubtedBlock !== null && head >= deposit.doubtedBlock + needed;
  if (!isProven) {
    const news = await markDoubted(database, { id: deposit.id, head, reason });
    if (news) logger.warn({ depositId: deposit.id, code: reason }, "The block of a credited deposit was replaced");
    return "doubted";
  }
  if (!(await reverseDeposit(needs, { deposit, reason }))) return "unknown";
  logger.warn({ depositId: deposit.id, code: reason }, "A credited deposit is gone from its chain and was reversed");
  if (reason === "transfer_changed") await observeAgain(needs, deposit);
  return "reversed";
}

/** Asks every provider where the transaction is now; they have to say the same. */
async function readStanding(chain: Chain, deposit: Deposit): Promise<Standing> {
  const answers = await Promise.all(
    (chain.witnesses ?? [chain]).map((witness) => orUndefined(chain, () => standingAt(witness, deposit))),
  );
  const [first] = answers;
  if (first === undefined) return { standing: "unknown" };
  return answers.every((answer) => JSON.stringify(answer) === JSON.stringify(first)) ? first : { standing: "unknown" };
}

async function standingAt(chain: Chain, deposit: Deposit): Promise<Standing> {
  if (deposit.kind === "native_coin") return standingOfCoin(chain, deposit);
  const receipt = await chain.readReceipt(deposit.transactionHash);
  if (receipt === undefined) return { standing: "gone", reason: "block_replaced" };
  const canonical = await chain.readBlockHash(receipt.block.number);
  // A receipt of a block that is not canonical: the node is in the middle of its own reorg.
  if (canonical !== receipt.block.hash) return { standing: "unknown" };
  if (!receipt.succeeded) return { standing: "gone", reason: "transaction_failed" };
  const transfer = receipt.transfers.find((candidate) => isTransferOf(deposit, candidate));
  if (transfer === undefined) return { standing: "gone", reason: "transfer_changed" };
  return { standing: "elsewhere", block: receipt.block };
}

/** Coin has no transaction to ask for: it was found deep, and follows its height. */
async function standingOfCoin(chain: Chain, { blockNumber: number }: Deposit): Promise<Standing> {
  const hash = await chain.readBlockHash(number);
  return hash === undefined ? { standing: "unknown" } : { standing: "elsewhere", block: { number, hash } };
}

/** The same transaction moves something else now: read its block again, where the scan has passed already. */
async function observeAgain(needs: Needs, deposit: Deposit): Promise<void> {
  const receipt = await needs.chain.readReceipt(deposit.transactionHash);
  if (receipt === undefined) return;
  await observeTransfers(needs, { fromBlock: receipt.block.number, toBlock: receipt.block.number });
}
