import { Signature } from "ethers";
import type { BroadcastOutcome, Chain, TransactionQuote } from "../chain.ts";
import { GasTankEmpty, RpcUnavailable, TransactionWouldFail } from "../errors.ts";
import {
  AUTHORIZATION_USED_TOPIC,
  addressTopic,
  NEVER_EXPIRES,
  readReceiptShape,
  tokenInterface,
} from "./erc20-transfers.ts";
import type { EvmNode } from "./node.ts";
import { Log, Quantity, Receipt, readShape } from "./rpc-shapes.ts";

/** Room above the node's estimate: token state may change between the estimate and the block. In percent. */
const GAS_LIMIT_PERCENT = 130n;
/** Paid to the block builder when the node names no price of its own, in wei per gas. */
const FALLBACK_TIP = 1_000_000_000n;

/** Finds the transaction that used an authorization, and only counts it when the tokens went where the authorization says. */
export async function findUsedAuthorization(
  node: EvmNode,
  question: Parameters<Chain["findUsedAuthorization"]>[0],
): Promise<{ readonly transactionHash: string } | undefined> {
  const { authorization } = question;
  const state = tokenInterface.encodeFunctionData("authorizationState", [authorization.from, authorization.nonce]);
  const used = await node.quantity("eth_call", [{ to: authorization.token.address, data: state }, "latest"]);
  if (used === 0n) return undefined;
  const logs = await node.ask("eth_getLogs", [
    {
      address: authorization.token.address,
      fromBlock: `0x${question.sinceBlock.toString(16)}`,
      toBlock: "latest",
      topics: [AUTHORIZATION_USED_TOPIC, addressTopic(authorization.from), authorization.nonce],
    },
  ]);
  const [log] = readShape(node.network.id, Log.array(), logs);
  if (log === undefined) return undefined;
  const answer = await node.ask("eth_getTransactionReceipt", [log.transactionHash]);
  const receipt = readReceiptShape(readShape(node.network.id, Receipt, answer));
  const arrived = receipt.transfers.some(
    ({ from, to, amountUnits }) =>
      from === authorization.from && to === authorization.to && amountUnits === authorization.amountUnits,
  );
  return receipt.succeeded && arrived ? { transactionHash: log.transactionHash.toLowerCase() } : undefined;
}

/** Encodes an authorised transfer, estimates it as `sender` and checks that the sender can pay the fee cap. */
export async function quoteAuthorizedTransfer(
  node: EvmNode,
  question: Parameters<Chain["quoteAuthorizedTransfer"]>[0],
): Promise<TransactionQuote> {
  const { authorization, sender } = question;
  const { v, r, s } = Signature.from(question.signature);
  const { from, to, amountUnits, nonce } = authorization;
  const data = tokenInterface.encodeFunctionData(authorization.method, [
    from,
    to,
    amountUnits,
    0n,
    NEVER_EXPIRES,
    nonce,
    v,
    r,
    s,
  ]);
  const gasLimit =
    ((await estimateGas(node, { from: sender, to: authorization.token.address, data })) * GAS_LIMIT_PERCENT) / 100n;
  const fees = await readFeeCaps(node);
  const needed = gasLimit * fees.maxFeePerGas;
  const balance = await node.quantity("eth_getBalance", [sender, "latest"]);
  if (balance < needed) throw new GasTankEmpty({ chain: node.network.id, wallet: sender, needed, balance });
  return {
    unsigned: {
      chainId: node.network.chainId,
      to: authorization.token.address,
      data,
      gasLimit: gasLimit.toString(),
      maxFeePerGas: fees.maxFeePerGas.toString(),
      maxPriorityFeePerGas: fees.maxPriorityFeePerGas.toString(),
    },
    chainNonce: Number(await node.quantity("eth_getTransactionCount", [sender, "latest"])),
  };
}

/** Sends raw bytes; sending them again is harmless. */
export async function broadcast(node: EvmNode, raw: string): Promise<BroadcastOutcome> {
  const answer = await node.request("eth_sendRawTransaction", [raw]);
  if (!("refused" in answer)) return "accepted";
  const { message, code } = answer.refused;
  if (/already known|already imported|known transaction/i.test(message)) return "already_known";
  if (/nonce too low|nonce is too low|already been used/i.test(message)) return "nonce_used";
  if (/insufficient funds/i.test(message)) throw new GasTankEmpty({ chain: node.network.id, wallet: "of the vendor" });
  throw new RpcUnavailable(node.network.id, `eth_sendRawTransaction refused, error ${code}`);
}

async function estimateGas(
  node: EvmNode,
  call: { readonly from: string; readonly to: string; readonly data: string },
): Promise<bigint> {
  const answer = await node.request("eth_estimateGas", [call]);
  if (!("refused" in answer)) return readShape(node.network.id, Quantity, answer.result);
  const { message } = answer.refused;
  if (/insufficient funds/i.test(message)) throw new GasTankEmpty({ chain: node.network.id, wallet: call.from });
  if (/revert/i.test(message)) throw new TransactionWouldFail(node.network.id, message);
  throw new RpcUnavailable(node.network.id, `eth_estimateGas refused, error ${answer.refused.code}`);
}

/** EIP-1559 caps: twice the base fee plus the tip, so a transaction survives six full blocks of rising fees. */
async function readFeeCaps(
  node: EvmNode,
): Promise<{ readonly maxFeePerGas: bigint; readonly maxPriorityFeePerGas: bigint }> {
  const gasPrice = await node.quantity("eth_gasPrice", []);
  const answer = await node.request("eth_maxPriorityFeePerGas", []);
  const named = "refused" in answer ? FALLBACK_TIP : readShape(node.network.id, Quantity, answer.result);
  const maxPriorityFeePerGas = named < gasPrice ? named : gasPrice;
  return { maxFeePerGas: gasPrice * 2n, maxPriorityFeePerGas };
}
