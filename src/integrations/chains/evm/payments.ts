import { getAddress, Interface, id, TypedDataEncoder } from "ethers";
import type { z } from "zod";
import {
  type LandedTransaction,
  netMovements,
  type PaymentReader,
  type SignedTransfer,
  type TransferFate,
  type UsedAuthorization,
} from "../payments.ts";
import {
  AUTHORIZATION_USED_TOPIC,
  addressTopic,
  readReceiptShape,
  TRANSFER_TOPIC,
  tokenInterface,
} from "./erc20-transfers.ts";
import type { EvmNode } from "./node.ts";
import { Block, Code, Log, Quantity, Receipt, readShape } from "./rpc-shapes.ts";

const AUTHORIZATION_CANCELED_TOPIC = id("AuthorizationCanceled(address,bytes32)");
/** Every provider answers a question about the logs of so many blocks. */
const BLOCKS_PER_QUESTION = 500;
/** Clocks of blocks and ours may differ so much. */
const CLOCK_TOLERANCE_MILLISECONDS = 60_000;

const TimedBlock = Block.extend({ timestamp: Quantity });
type EvmTransfer = Extract<SignedTransfer, { readonly kind: "evm" }>;

const tokenFacts = new Interface([
  "function decimals() view returns (uint8)",
  "function name() view returns (string)",
  "function version() view returns (string)",
  "function DOMAIN_SEPARATOR() view returns (bytes32)",
]);

/** Reads payments from an EVM chain: transfers by their events, signed ones by the nonce of their EIP-3009 authorization. */
export function readPayments(node: EvmNode): PaymentReader {
  return {
    readLanded: (transaction) => readLanded(node, transaction),
    findTransfer: async (signed) => findTransfer(node, evmOnly(signed)),
    canStillLand: async (signed, depth) => {
      const head = await readBlock(node, "latest");
      const deep = await readBlock(node, hex(Math.max(0, head.number - depth + 1)));
      return deep.timestamp < evmOnly(signed).validBefore;
    },
    whyNotToken: (token) => whyNotToken(node, token),
  };
}

function evmOnly(signed: SignedTransfer): EvmTransfer {
  if (signed.kind !== "evm") throw new Error("A signed transfer of Solana was looked for on an EVM chain.");
  return signed;
}

async function readLanded(node: EvmNode, transaction: string): Promise<LandedTransaction | undefined> {
  if (!/^0x[0-9a-fA-F]{64}$/.test(transaction)) return undefined;
  // Most often it is in the newest block, as it was made just now: then both questions cost one wait.
  const [answer, newest] = await Promise.all([
    node.ask("eth_getTransactionReceipt", [transaction]),
    readBlock(node, "latest"),
  ]);
  if (answer === null) return undefined;
  const raw = readShape(node.network.id, Receipt, answer);
  const block = newest.number === raw.blockNumber ? newest : await readBlock(node, hex(raw.blockNumber));
  // A receipt of a block that is being replaced is no proof.
  if (block.hash.toLowerCase() !== raw.blockHash.toLowerCase()) return undefined;
  const { succeeded, transfers } = readReceiptShape(raw);
  const movements = transfers.flatMap(({ token, from, to, amountUnits }) => [
    { token, owner: from, amountUnits: -amountUnits },
    { token, owner: to, amountUnits },
  ]);
  return {
    transaction: transaction.toLowerCase(),
    succeeded,
    block: raw.blockNumber,
    at: new Date(Number(block.timestamp) * 1000),
    ...netMovements(movements),
    memos: [],
    messageHash: null,
    authorizations: succeeded ? readUsedAuthorizations(raw.logs) : [],
  };
}

/**
 * A nonce alone does not say what was moved: its owner may sign two authorizations with one. The token moves the tokens right after it
 * marks the nonce as used, so its next event is that transfer. Source: FiatTokenV2, EIP-3009's reference implementation.
 */
function readUsedAuthorizations(logs: readonly z.output<typeof Log>[]): readonly UsedAuthorization[] {
  return logs.flatMap((log, place) => {
    const [topic, owner, nonce] = log.topics;
    if (topic !== AUTHORIZATION_USED_TOPIC || owner === undefined || nonce === undefined) return [];
    const authorizer = addressOf(owner);
    const next = logs.slice(place + 1).find(({ address }) => address.toLowerCase() === log.address.toLowerCase());
    const transfer = next === undefined ? null : transferOf(next, authorizer);
    return [{ token: getAddress(log.address), authorizer, nonce: nonce.toLowerCase(), transfer }];
  });
}

function addressOf(topic: string): string {
  return getAddress(`0x${topic.slice(-40)}`);
}

function transferOf({ topics, data }: z.output<typeof Log>, authorizer: string): UsedAuthorization["transfer"] {
  const [topic, from, to] = topics;
  if (topic !== TRANSFER_TOPIC || from === undefined || to === undefined) return null;
  if (addressOf(from) !== authorizer || !/^0x[0-9a-fA-F]{64}$/.test(data)) return null;
  return { to: addressOf(to), amountUnits: BigInt(data) };
}

/** Backwards from the head, until the authorization's event or the time before which it cannot have been used. */
async function findTransfer(node: EvmNode, signed: EvmTransfer): Promise<TransferFate> {
  const state = tokenInterface.encodeFunctionData("authorizationState", [signed.payer, signed.nonce]);
  const used = await node.quantity("eth_call", [{ to: signed.token, data: state }, "latest"]);
  if (used === 0n) return { kind: "absent" };
  const earliest = BigInt(Math.floor((signed.since.getTime() - CLOCK_TOLERANCE_MILLISECONDS) / 1000));
  for (let to = (await readBlock(node, "latest")).number; to >= 0; to -= BLOCKS_PER_QUESTION) {
    const from = Math.max(0, to - BLOCKS_PER_QUESTION + 1);
    const fate = await searchRange(node, signed, { from, to });
    if (fate !== undefined) return fate;
    if ((await readBlock(node, hex(from))).timestamp < earliest) break;
  }
  return { kind: "spent" };
}

async function searchRange(
  node: EvmNode,
  signed: EvmTransfer,
  range: { readonly from: number; readonly to: number },
): Promise<TransferFate | undefined> {
  const events = [AUTHORIZATION_USED_TOPIC, AUTHORIZATION_CANCELED_TOPIC];
  const answer = await node.ask("eth_getLogs", [
    {
      address: signed.token,
      fromBlock: hex(range.from),
      toBlock: hex(range.to),
      topics: [events, addressTopic(signed.payer), signed.nonce],
    },
  ]);
  const [log] = readShape(node.network.id, Log.array(), answer).filter(({ removed }) => removed !== true);
  if (log === undefined) return undefined;
  const kind = log.topics[0] === AUTHORIZATION_CANCELED_TOPIC ? "canceled" : "landed";
  return { kind, transaction: log.transactionHash.toLowerCase() };
}

async function whyNotToken(node: EvmNode, token: Parameters<PaymentReader["whyNotToken"]>[0]) {
  const code = readShape(node.network.id, Code, await node.ask("eth_getCode", [token.address, "latest"]));
  if (code === "0x") return "there is no contract at its address";
  const decimals = await readFact(node, token.address, "decimals");
  if (decimals !== BigInt(token.decimals)) return `it has ${String(decimals)} decimals, not ${token.decimals}`;
  if (token.eip712 === undefined) return undefined;
  const separator = await readFact(node, token.address, "DOMAIN_SEPARATOR");
  const { name, version } = token.eip712;
  if (separator !== undefined) {
    const domain = { name, version, chainId: node.network.chainId, verifyingContract: token.address };
    const isOurs = separator === TypedDataEncoder.hashDomain(domain);
    return isOurs ? undefined : `its signing domain is not "${name}" version "${version}"`;
  }
  const found = await readFact(node, token.address, "name");
  return found === name ? undefined : `its name is "${String(found).slice(0, 60)}", not "${name}"`;
}

/** What a token says of itself; undefined where it has no such function. */
async function readFact(node: EvmNode, token: string, name: string): Promise<unknown> {
  const answer = await node.request("eth_call", [{ to: token, data: tokenFacts.encodeFunctionData(name) }, "latest"]);
  if ("refused" in answer) return undefined;
  const data = readShape(node.network.id, Code, answer.result);
  if (data === "0x") return undefined;
  try {
    return tokenFacts.decodeFunctionResult(name, data)[0];
  } catch {
    return undefined;
  }
}

async function readBlock(node: EvmNode, block: string) {
  return readShape(node.network.id, TimedBlock, await node.ask("eth_getBlockByNumber", [block, false]));
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
