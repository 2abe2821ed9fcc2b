import { getAddress } from "ethers";
import type { Chain, EvmNetwork, TokenTransfer } from "../chain.ts";
import { compareProviders } from "../compared-chain.ts";
import { RpcUnavailable } from "../errors.ts";
import { addressTopic, readReceiptShape, readTransferLog, TRANSFER_TOPIC, tokenInterface } from "./erc20-transfers.ts";
import { isRangeTooLarge, type JsonRpcPatience, openJsonRpc } from "./json-rpc.ts";
import { type EvmNode, openEitherNode, openNode } from "./node.ts";
import { readPayments } from "./payments.ts";
import { quoteAuthorizedTransfer, quoteBatch, quoteFees, quoteNativeTransfer, quoteTokenTransfer } from "./quotes.ts";
import { inspectReceiver } from "./receiver.ts";
import { Block, Code, Log, Receipt, readShape } from "./rpc-shapes.ts";
import { broadcast, findUsedAuthorization } from "./transactions.ts";

/**
 * Opens one EVM chain over JSON-RPC. Nothing is asked until the first use, so a dead node never stops the start; each use first
 * makes sure that the node answers for `network.chainId`. With `secondRpcUrl` two providers are compared.
 */
export function openEvmChain(input: {
  readonly network: EvmNetwork;
  readonly rpcUrl: string;
  readonly secondRpcUrl?: string | undefined;
  readonly patience?: Partial<JsonRpcPatience>;
}): Chain {
  const { network, rpcUrl, secondRpcUrl, ...rest } = input;
  const open = (url: string) => openNode(network, openJsonRpc({ ...rest, url, chain: network.id }));
  const first = open(rpcUrl);
  if (secondRpcUrl === undefined) return chainOver(first);
  const second = open(secondRpcUrl);
  return compareProviders(chainOver(openEitherNode(first, second)), [chainOver(first), chainOver(second)]);
}

function chainOver(node: EvmNode): Chain {
  const { network } = node;
  return {
    network,
    readHead: async () => {
      await node.verify("now");
      return readBlock(network, await node.ask("eth_getBlockByNumber", ["latest", false]));
    },
    readBlockHash: async (blockNumber) => {
      const block = await node.ask("eth_getBlockByNumber", [hex(blockNumber), false]);
      return block === null ? undefined : readBlock(network, block).hash;
    },
    readTransfers: (range) => readTransfers(node, range),
    readReceipt: async (transactionHash) => {
      const receipt = await node.ask("eth_getTransactionReceipt", [transactionHash]);
      return receipt === null ? undefined : readReceiptShape(readShape(network.id, Receipt, receipt));
    },
    isTransactionKnown: async (transactionHash) =>
      (await node.ask("eth_getTransactionByHash", [transactionHash])) !== null,
    readTokenBalance: ({ token, owner, atBlock }) =>
      node.quantity("eth_call", [
        { to: token, data: tokenInterface.encodeFunctionData("balanceOf", [owner]) },
        atBlock === undefined ? "latest" : hex(atBlock),
      ]),
    readNativeBalance: (address, options) =>
      node.quantity("eth_getBalance", [address, options === undefined ? "latest" : hex(options.atBlock)]),
    readAnyTransfers: (range) => readTransfers(node, range),
    readTransfersFrom: (range) => readTransfers(node, range),
    readNonce: async (address, options) =>
      Number(await node.quantity("eth_getTransactionCount", [address, options?.includePending ? "pending" : "latest"])),
    readGasPrice: () => node.quantity("eth_gasPrice", []),
    isContract: async (address) =>
      isContractCode(readShape(network.id, Code, await node.ask("eth_getCode", [address, "latest"]))),
    inspectReceiver: (question) => inspectReceiver(node, question),
    quoteFees: () => quoteFees(node),
    findUsedAuthorization: (question) => findUsedAuthorization(node, question),
    quoteAuthorizedTransfer: (question) => quoteAuthorizedTransfer(node, question),
    ...(network.multicall === undefined ? {} : { quoteBatch: batchQuote(node, network.multicall) }),
    quoteTokenTransfer: (question) => quoteTokenTransfer(node, question),
    quoteNativeTransfer: (question) => quoteNativeTransfer(node, question),
    broadcast: (raw) => broadcast(node, raw),
    payments: readPayments(node),
  };
}

/**
 * Logs of a closed block range, of any token where none is named, in halves when the node finds it too large. A single block that is
 * too large is a failure.
 */
async function readTransfers(
  node: EvmNode,
  range: Omit<Parameters<Chain["readTransfers"]>[0], "tokens"> & {
    readonly tokens?: readonly string[];
    readonly senders?: readonly string[];
  },
): Promise<readonly TokenTransfer[]> {
  const { fromBlock, toBlock, tokens, recipients } = range;
  if (fromBlock > toBlock || tokens?.length === 0 || recipients?.length === 0) return [];
  const filter = {
    ...(tokens === undefined ? {} : { address: tokens }),
    fromBlock: hex(fromBlock),
    toBlock: hex(toBlock),
    topics: transferTopics(range),
  };
  const answer = await node.request("eth_getLogs", [filter]);
  if ("refused" in answer) {
    if (!isRangeTooLarge(answer) || fromBlock === toBlock) {
      throw new RpcUnavailable(node.network.id, `eth_getLogs refused, error ${answer.refused.code}`);
    }
    const middle = Math.floor((fromBlock + toBlock) / 2);
    const older = await readTransfers(node, { ...range, toBlock: middle });
    return [...older, ...(await readTransfers(node, { ...range, fromBlock: middle + 1 }))];
  }
  const wanted = tokens === undefined ? undefined : new Set(tokens.map((token) => getAddress(token)));
  return readShape(node.network.id, Log.array(), answer.result)
    .map(readTransferLog)
    .filter((transfer) => transfer !== undefined)
    .filter(({ token, block }) => wanted?.has(token) !== false && block.number >= fromBlock && block.number <= toBlock);
}

/** The event, then who sent and who got it; null is anybody, and nothing follows where both are. */
function transferTopics(range: { readonly senders?: readonly string[]; readonly recipients?: readonly string[] }) {
  const from = range.senders?.map(addressTopic) ?? null;
  const to = range.recipients?.map(addressTopic) ?? null;
  if (to !== null) return [TRANSFER_TOPIC, from, to];
  return from === null ? [TRANSFER_TOPIC] : [TRANSFER_TOPIC, from];
}

function readBlock(network: EvmNetwork, value: unknown) {
  const { number, hash } = readShape(network.id, Block, value);
  return { number, hash: hash.toLowerCase() };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** A key that lent its account a contract's code (EIP-7702) still is a key, and takes tokens as before. */
function isContractCode(code: string): boolean {
  return code !== "0x" && !code.toLowerCase().startsWith("0xef0100");
}

function batchQuote(node: EvmNode, multicall: string): NonNullable<Chain["quoteBatch"]> {
  return (question) => quoteBatch(node, { ...question, multicall });
}
