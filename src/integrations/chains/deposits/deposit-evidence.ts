import type { Database } from "../../../platform/database/pool.ts";
import type { BlockReference, Chain } from "../chain.ts";
import { ChainIdMismatch, RpcUnavailable } from "../errors.ts";
import { type Deposit, sumBeingSwept, sumUnswept } from "./deposit-store.ts";
import { findRecordedSweep } from "./recheck-store.ts";

/**
 * What to credit. `owedUnits` is what the books said was at the address before: when they say otherwise at the moment of crediting, somebody
 * else credited meanwhile and the proof is void. Absent where the address holds none of it (`atTreasury`, or it is not ours to sweep).
 */
export type ProvenDeposit = {
  readonly verdict: "proven";
  readonly amountUnits: bigint;
  readonly atTreasury: boolean;
  readonly owedUnits?: bigint;
};

/** What one provider says of one observed deposit, or that it says nothing. */
type Verdict =
  | ProvenDeposit
  | { readonly verdict: "block_replaced"; readonly block: BlockReference | undefined }
  | {
      readonly verdict:
        | "too_shallow"
        | "block_unknown"
        | "receipt_missing"
        | "receipt_incomplete"
        | "balance_short"
        | "nothing_arrived";
    };

type Needs = { readonly database: Database; readonly chain: Chain };

/** What all providers together say; `providers_disagree` and `provider_unavailable` credit nothing and take nothing out. */
export type Judgement =
  | Verdict
  | { readonly verdict: "providers_disagree" | "provider_unavailable"; readonly said: string };

/**
 * Asks every provider of a chain for proof of a deposit: its block is canonical, its transaction succeeded, the same transfer is in the
 * receipt, and the address holds the tokens. They have to say the same, or nobody's word counts; each has to know the block as `blocks` deep.
 * One provider that does not answer leaves the deposit waiting, and its own failure is only thrown when it is the only one.
 */
export async function judgeDeposit(
  needs: Needs,
  input: { readonly deposit: Deposit; readonly blocks: number },
): Promise<Judgement> {
  const { witnesses } = needs.chain;
  const { deposit, blocks } = input;
  // Found by its balance, in a block deep enough for any amount.
  if (deposit.kind === "native_coin") return { verdict: "proven", amountUnits: deposit.amountUnits, atTreasury: false };
  if (witnesses === undefined) return judge(needs, deposit);
  const ask = async (chain: Chain): Promise<Verdict> => {
    const head = await chain.readHead();
    const isShallow = head.number - deposit.blockNumber + 1 < blocks;
    return isShallow ? { verdict: "too_shallow" } : judge({ ...needs, chain }, deposit);
  };
  const answers = await Promise.allSettled(witnesses.map(ask));
  const said = answers.map((answer) => (answer.status === "fulfilled" ? answer.value.verdict : codeOf(answer.reason)));
  const [first, ...others] = answers.map((answer) => (answer.status === "fulfilled" ? answer.value : undefined));
  if (first === undefined || others.includes(undefined)) {
    return { verdict: "provider_unavailable", said: said.join(", ") };
  }
  if (others.every((other) => other !== undefined && isSame(first, other))) return first;
  return { verdict: "providers_disagree", said: said.join(", ") };
}

function isSame(one: Verdict, other: Verdict): boolean {
  if (one.verdict === "proven" && other.verdict === "proven") {
    return one.amountUnits === other.amountUnits && one.atTreasury === other.atTreasury;
  }
  if (one.verdict === "block_replaced" && other.verdict === "block_replaced")
    return one.block?.hash === other.block?.hash;
  return one.verdict === other.verdict;
}

/** Only the two failures of a provider may pass for its answer; anything else is ours. */
function codeOf(reason: unknown): string {
  if (reason instanceof RpcUnavailable || reason instanceof ChainIdMismatch) return reason.code;
  throw reason;
}

async function judge(needs: Needs, deposit: Deposit): Promise<Verdict> {
  const { chain } = needs;
  const [canonicalHash, receipt] = await Promise.all([
    chain.readBlockHash(deposit.blockNumber),
    chain.readReceipt(deposit.transactionHash),
  ]);
  if (canonicalHash === undefined) return { verdict: "block_unknown" };
  if (canonicalHash !== deposit.blockHash) {
    return { verdict: "block_replaced", block: receipt?.succeeded === true ? receipt.block : undefined };
  }
  if (receipt?.succeeded !== true || receipt.block.hash !== deposit.blockHash) return { verdict: "receipt_missing" };
  if (!receipt.transfers.some((transfer) => isTransferOf(deposit, transfer))) return { verdict: "receipt_incomplete" };
  return judgeArrival(needs, deposit);
}

/** Whether a transfer in a receipt is the one that was observed. What arrived may be less than what it says. */
export function isTransferOf(
  deposit: Pick<Deposit, "logIndex" | "token" | "address" | "amountUnits" | "announcedUnits">,
  transfer: { readonly logIndex: number; readonly token: string; readonly to: string; readonly amountUnits: bigint },
): boolean {
  return (
    transfer.logIndex === deposit.logIndex &&
    transfer.token === deposit.token &&
    transfer.to === deposit.address &&
    transfer.amountUnits === (deposit.announcedUnits ?? deposit.amountUnits)
  );
}

/**
 * A token may announce a transfer that moved less, or nothing: the address must hold all that was credited there and this. Where it does
 * not, what the balance grew by over the deposit's block is what arrived, and only that is owed.
 */
async function judgeArrival(needs: Needs, deposit: Deposit): Promise<Verdict> {
  const { chain, database } = needs;
  const { address, token, depositAddressId } = deposit;
  const { amountUnits } = deposit;
  if (await isAtTreasury(needs, deposit)) return { verdict: "proven", amountUnits, atTreasury: true };
  // A token nobody knows may answer anything, or nothing; no money hangs on it.
  if (depositAddressId === null || deposit.kind === "unknown_token")
    return { verdict: "proven", amountUnits, atTreasury: false };
  // The books first: a sweep recorded between the two questions then makes us wait, not believe.
  const owedUnits = await sumUnswept(database, { depositAddressId, chain: chain.network.id, token });
  const free = (await chain.readTokenBalance({ token, owner: address })) - owedUnits;
  const proven = { verdict: "proven", atTreasury: false, owedUnits } as const;
  if (free >= amountUnits) return { ...proven, amountUnits };
  const grown = await readGrowth(chain, deposit);
  if (grown === undefined) return { verdict: "balance_short" };
  const leavingUnits = await sumBeingSwept(database, { depositAddressId, chain: chain.network.id, token });
  if (leavingUnits > 0n) {
    // Our own sweep may be gone already, while the books wait until it is final: then the block itself has to prove the arrival.
    const hasArrived = grown >= (await readAnnounced(chain, deposit));
    return hasArrived && free + leavingUnits >= amountUnits ? { ...proven, amountUnits } : { verdict: "balance_short" };
  }
  if (grown <= 0n) return { verdict: "nothing_arrived" };
  const isLying = grown < (await readAnnounced(chain, deposit));
  return isLying && free > 0n ? { ...proven, amountUnits: free } : { verdict: "balance_short" };
}

/** A transfer that came back after a reversal, and with it the sweep that had taken it. */
async function isAtTreasury({ database, chain }: Needs, deposit: Deposit): Promise<boolean> {
  if (deposit.sweepId === null) return false;
  const sweep = await findRecordedSweep(database, deposit.sweepId);
  if (sweep === undefined || sweep.transactionHash === null) return false;
  const receipt = await chain.readReceipt(sweep.transactionHash);
  return receipt?.succeeded === true && (await chain.readBlockHash(receipt.block.number)) === receipt.block.hash;
}

/** What the address holds more after the deposit's block than before it; undefined when the node forgot. */
async function readGrowth(chain: Chain, deposit: Deposit): Promise<bigint | undefined> {
  const { token, address: owner, blockNumber } = deposit;
  try {
    const [before, after] = await Promise.all([
      chain.readTokenBalance({ token, owner, atBlock: blockNumber - 1 }),
      chain.readTokenBalance({ token, owner, atBlock: blockNumber }),
    ]);
    return after - before;
  } catch (error) {
    if (error instanceof RpcUnavailable) return undefined;
    throw error;
  }
}

/** What the token's events of the deposit's block say the address got, all together. */
async function readAnnounced(chain: Chain, deposit: Deposit): Promise<bigint> {
  const { blockNumber: fromBlock, token, address } = deposit;
  const all = await chain.readTransfers({ fromBlock, toBlock: fromBlock, tokens: [token], recipients: [address] });
  return all.reduce((sum, { amountUnits }) => sum + amountUnits, 0n);
}
