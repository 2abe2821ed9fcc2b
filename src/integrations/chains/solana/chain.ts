import type { Chain, SolanaNetwork, TokenTransfer } from "../chain.ts";
import { RpcUnavailable } from "../errors.ts";
import { type JsonRpcPatience, openJsonRpc } from "../evm/json-rpc.ts";
import { readShape } from "../evm/rpc-shapes.ts";
import { indexAccounts, readBalanceAt, readRaw } from "./account-index.ts";
import { FINALITY_SLOTS } from "./networks.ts";
import { openSolanaNode, type SolanaNode } from "./node.ts";
import { readPayments } from "./payments.ts";
import { inspectReceiver } from "./receiver.ts";
import { AccountValue, BlockShape, Count, HeadShape, StatusesShape } from "./rpc-shapes.ts";
import { broadcast, isExpired, quoteSponsoredTransfer } from "./sending.ts";
import { readTokenHolding, TOKEN_PROGRAM, tokenAccountOf } from "./token-accounts.ts";
import { readTransaction } from "./token-transfers.ts";

/** What one signature costs, whatever else a transaction does. "Gas" here is signatures. */
const LAMPORTS_PER_SIGNATURE = 5_000n;

/**
 * Opens one Solana cluster over JSON-RPC. Nothing is asked until the first use, so a dead node never stops the start; each use first
 * makes sure that the node answers for the network's genesis. Numbers of blocks are slots.
 */
export function openSolanaChain(input: {
  readonly network: SolanaNetwork;
  readonly rpcUrl: string;
  readonly patience?: Partial<JsonRpcPatience>;
}): Chain {
  const { network } = input;
  const node = openSolanaNode(network, openJsonRpc({ ...input, url: input.rpcUrl, chain: network.id }));
  const accounts = indexAccounts(node);
  return {
    ...WITHOUT_NONCES,
    network,
    accounts,
    readHead: async () => {
      await node.verify("now");
      const { context, value } = await node.ask(HeadShape, "getLatestBlockhash", [CONFIRMED]);
      return { number: context.slot, hash: value.blockhash };
    },
    readBlockHash: (slot) => readBlockHash(node, slot),
    readTransfers: async ({ fromBlock, toBlock, recipients }) => {
      if (recipients === undefined) throw new Error("Solana's nodes do not list the transfers of a whole token.");
      const found: TokenTransfer[] = [];
      for (const owner of recipients) found.push(...(await accounts.readRecent({ owner, sinceBlock: fromBlock })));
      return found.filter(({ block }) => block.number >= fromBlock && block.number <= toBlock);
    },
    readReceipt: async (signature) => {
      const transaction = await readRaw(node, signature);
      const hash = transaction && (await readBlockHash(node, transaction.slot));
      return transaction === undefined || hash === undefined ? undefined : readTransaction(transaction, hash);
    },
    isTransactionKnown: async (signature) => {
      const { value } = await node.ask(StatusesShape, "getSignatureStatuses", [[signature]]);
      return value[0] !== undefined && value[0] !== null;
    },
    readTokenBalance: async ({ token, owner, atBlock }) => {
      const holding = { mint: token, owner };
      if (atBlock === undefined) return readTokenBalance(node, holding);
      return readBalanceAt(node, { account: tokenAccountOf(holding), slot: atBlock });
    },
    readNativeBalance: async (address, options) => {
      if (options !== undefined) throw new RpcUnavailable(network.id, "nodes keep no balances of earlier blocks");
      return BigInt((await readAccount(node, address))?.lamports ?? 0);
    },
    inspectReceiver: (question) => inspectReceiver(node, question),
    readGasPrice: async () => LAMPORTS_PER_SIGNATURE,
    quoteSponsoredTransfer: (order) => quoteSponsoredTransfer(node, order),
    isExpired: async ({ hash, unsigned }) => {
      if (!("lastValidBlockHeight" in unsigned)) throw new Error(`Transaction ${hash} is not one of Solana.`);
      return isExpired(node, { hash, lastValidBlockHeight: unsigned.lastValidBlockHeight });
    },
    broadcast: (raw) => broadcast(node, raw),
    payments: readPayments(node),
  };
}

const CONFIRMED = { commitment: "confirmed" } as const;

async function notHere(): Promise<never> {
  throw new Error("Solana has no nonces and no authorised transfers: its sweep method is sponsored_transfer.");
}

const WITHOUT_NONCES = {
  readNonce: notHere,
  findUsedAuthorization: notHere,
  quoteFees: notHere,
  quoteAuthorizedTransfer: notHere,
  quoteTokenTransfer: notHere,
  quoteNativeTransfer: notHere,
};

/** Refusals that only say that there is no such block: not there yet, skipped by its leader, or too old for this node. */
const NO_BLOCK: ReadonlySet<number> = new Set([-32_001, -32_004, -32_007, -32_009, -32_014]);

/**
 * The hash of the block in a slot. Where finality is due, by depth, only a finalized block is told: so whoever waits for that depth waits
 * for the cluster's own word, and a block that hangs there is unknown rather than true.
 */
async function readBlockHash(node: SolanaNode, slot: number): Promise<string | undefined> {
  const head = await node.ask(Count, "getSlot", [CONFIRMED]);
  const commitment = slot <= head - FINALITY_SLOTS ? "finalized" : "confirmed";
  const options = { commitment, transactionDetails: "none", rewards: false, maxSupportedTransactionVersion: 0 };
  const answer = await node.request("getBlock", [slot, options]);
  if (!("refused" in answer))
    return answer.result === null ? undefined : readShape(node.network.id, BlockShape, answer.result).blockhash;
  if (NO_BLOCK.has(answer.refused.code)) return undefined;
  throw new RpcUnavailable(node.network.id, `getBlock refused, error ${answer.refused.code}`);
}

async function readAccount(node: SolanaNode, address: string) {
  const { value } = await node.ask(AccountValue, "getAccountInfo", [address, { ...CONFIRMED, encoding: "base64" }]);
  return value;
}

/** What a wallet's associated token account holds; nothing where there is none, or one of another program. */
async function readTokenBalance(node: SolanaNode, holding: { readonly mint: string; readonly owner: string }) {
  const account = await readAccount(node, tokenAccountOf(holding));
  if (account === null || account.owner !== TOKEN_PROGRAM.toBase58()) return 0n;
  return readTokenHolding(Buffer.from(account.data[0], "base64"))?.units ?? 0n;
}
