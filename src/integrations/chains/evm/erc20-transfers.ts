import { getAddress, Interface, id, zeroPadValue } from "ethers";
import type { z } from "zod";
import type { TokenTransfer, TransactionReceipt, TransferAuthorization } from "../chain.ts";
import type { Log, Receipt } from "./rpc-shapes.ts";

/** Every call we encode and the two events we read. EIP-20, EIP-3009. */
export const tokenInterface: Interface = new Interface([
  "event Transfer(address indexed from, address indexed to, uint256 value)",
  "event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)",
  "function balanceOf(address owner) view returns (uint256)",
  "function transfer(address to, uint256 value)",
  "function authorizationState(address authorizer, bytes32 nonce) view returns (bool)",
  "function receiveWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)",
  "function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)",
]);

/** First topic of an EIP-20 transfer event. */
export const TRANSFER_TOPIC: string = id("Transfer(address,address,uint256)");

/** First topic of EIP-3009's event for a used nonce. */
export const AUTHORIZATION_USED_TOPIC: string = id("AuthorizationUsed(address,bytes32)");

/** An address as an indexed topic. */
export function addressTopic(address: string): string {
  return zeroPadValue(address, 32).toLowerCase();
}

/** Reads a log as a token transfer; undefined for any other event, an NFT's transfer, a removed log and an amount of zero. */
export function readTransferLog(log: z.output<typeof Log>): TokenTransfer | undefined {
  const [topic, from, to] = log.topics;
  if (topic !== TRANSFER_TOPIC || from === undefined || to === undefined || log.topics.length !== 3) return undefined;
  if (log.removed === true || !/^0x[0-9a-fA-F]{64}$/.test(log.data)) return undefined;
  const amountUnits = BigInt(log.data);
  if (amountUnits === 0n) return undefined;
  return {
    token: getAddress(log.address),
    from: topicAddress(from),
    to: topicAddress(to),
    amountUnits,
    transactionHash: log.transactionHash.toLowerCase(),
    position: log.logIndex,
    block: { number: log.blockNumber, hash: log.blockHash.toLowerCase() },
  };
}

/** Reads a receipt. `logIndex` is the place in this transaction's own logs, which a reorg does not change. */
export function readReceiptShape(receipt: z.output<typeof Receipt>): TransactionReceipt {
  return {
    succeeded: receipt.status === 1n,
    block: { number: receipt.blockNumber, hash: receipt.blockHash.toLowerCase() },
    gasUsed: receipt.gasUsed,
    feeUnits: receipt.gasUsed * receipt.effectiveGasPrice + (receipt.l1Fee ?? 0n),
    transfers: receipt.logs.flatMap((log, logIndex) => {
      const transfer = readTransferLog(log);
      return transfer === undefined ? [] : [{ ...transfer, logIndex }];
    }),
  };
}

/** When an authorization stops being valid that says nothing else: never, as it can only move tokens to our own treasury. */
export const NEVER_EXPIRES = 2n ** 256n - 1n;

/** The EIP-712 message of an authorization. Source: EIP-3009. */
export function authorizationTypedData(authorization: TransferAuthorization) {
  const { method, token } = authorization;
  if (token.eip712 === undefined) throw new Error(`${token.symbol} has no EIP-712 domain, so it cannot be authorised.`);
  const primaryType = method === "receiveWithAuthorization" ? "ReceiveWithAuthorization" : "TransferWithAuthorization";
  return {
    domain: { ...token.eip712, chainId: authorization.chainId, verifyingContract: token.address },
    types: { [primaryType]: AUTHORIZATION_FIELDS },
    message: {
      from: authorization.from,
      to: authorization.to,
      value: authorization.amountUnits,
      validAfter: 0n,
      validBefore: authorization.validBefore ?? NEVER_EXPIRES,
      nonce: authorization.nonce,
    },
  };
}

const AUTHORIZATION_FIELDS = [
  { name: "from", type: "address" },
  { name: "to", type: "address" },
  { name: "value", type: "uint256" },
  { name: "validAfter", type: "uint256" },
  { name: "validBefore", type: "uint256" },
  { name: "nonce", type: "bytes32" },
];

function topicAddress(topic: string): string {
  return getAddress(`0x${topic.slice(-40)}`);
}
