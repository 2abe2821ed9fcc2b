import { Signature } from "ethers";
import type { AuthorizedTransfer, Chain, FeeQuote, TransactionQuote } from "../chain.ts";
import { GasTankEmpty, RpcUnavailable, TransactionWouldFail } from "../errors.ts";
import { NEVER_EXPIRES, tokenInterface } from "./erc20-transfers.ts";
import { encodeBatch } from "./multicall.ts";
import type { EvmNode } from "./node.ts";
import { Quantity, readShape } from "./rpc-shapes.ts";

/** Room above the node's estimate: token state may change between the estimate and the block. In percent. */
const GAS_LIMIT_PERCENT = 130n;
/** Paid to the block builder when the node names no price of its own, in wei per gas. */
const FALLBACK_TIP = 1_000_000_000n;

/** Encodes an authorised transfer, estimates it as `sender` and checks that the sender can pay the fee cap. */
export async function quoteAuthorizedTransfer(
  node: EvmNode,
  question: Parameters<Chain["quoteAuthorizedTransfer"]>[0],
): Promise<TransactionQuote> {
  const { authorization, sender } = question;
  const data = encodeAuthorized(question);
  const quote = await quoteCall(node, { from: sender, to: authorization.token.address, data });
  await requireCoins(node, { wallet: sender, needed: feeCap(quote) });
  return quote;
}

/** Encodes several authorised transfers into one transaction through Multicall3, and checks that the sender can pay the fee cap. */
export async function quoteBatch(
  node: EvmNode,
  question: { readonly transfers: readonly AuthorizedTransfer[]; readonly sender: string; readonly multicall: string },
): Promise<TransactionQuote> {
  const { transfers, sender, multicall } = question;
  const calls = transfers.map((transfer) => ({
    target: transfer.authorization.token.address,
    data: encodeAuthorized(transfer),
  }));
  const quote = await quoteCall(node, { from: sender, to: multicall, data: encodeBatch(calls) });
  await requireCoins(node, { wallet: sender, needed: feeCap(quote) });
  return quote;
}

/** Encodes a plain transfer and estimates it as the owner of the tokens. */
export async function quoteTokenTransfer(
  node: EvmNode,
  question: Parameters<Chain["quoteTokenTransfer"]>[0],
): Promise<TransactionQuote> {
  const { token, from, to, amountUnits } = question;
  return quoteCall(node, { from, to: token, data: tokenInterface.encodeFunctionData("transfer", [to, amountUnits]) });
}

/** Estimates sending native coin, which a contract at the other end may make dearer, and checks that the sender can pay for it all. */
export async function quoteNativeTransfer(
  node: EvmNode,
  question: Parameters<Chain["quoteNativeTransfer"]>[0],
): Promise<TransactionQuote> {
  const { from, to, valueUnits } = question;
  const quote = await quoteCall(node, { from, to, data: "0x", value: `0x${valueUnits.toString(16)}` });
  await requireCoins(node, { wallet: from, needed: feeCap(quote) + valueUnits });
  const unsigned = { ...quote.unsigned, value: valueUnits.toString() };
  return { ...quote, unsigned };
}

function encodeAuthorized({ authorization, signature }: AuthorizedTransfer): string {
  const { v, r, s } = Signature.from(signature);
  const { from, to, amountUnits, nonce, method, validBefore = NEVER_EXPIRES } = authorization;
  return tokenInterface.encodeFunctionData(method, [from, to, amountUnits, 0n, validBefore, nonce, v, r, s]);
}

type Call = { readonly from: string; readonly to: string; readonly data: string; readonly value?: string };

async function quoteCall(node: EvmNode, call: Call): Promise<TransactionQuote> {
  const gasLimit = ((await estimateGas(node, call)) * GAS_LIMIT_PERCENT) / 100n;
  const fees = await quoteFees(node);
  return {
    unsigned: {
      chainId: node.network.chainId,
      to: call.to,
      data: call.data,
      gasLimit: gasLimit.toString(),
      maxFeePerGas: fees.maxFeePerGas.toString(),
      maxPriorityFeePerGas: fees.maxPriorityFeePerGas.toString(),
    },
    chainNonce: Number(await node.quantity("eth_getTransactionCount", [call.from, "latest"])),
  };
}

function feeCap({ unsigned }: TransactionQuote): bigint {
  return BigInt(unsigned.gasLimit) * BigInt(unsigned.maxFeePerGas);
}

async function requireCoins(
  node: EvmNode,
  { wallet, needed }: { readonly wallet: string; readonly needed: bigint },
): Promise<void> {
  const balance = await node.quantity("eth_getBalance", [wallet, "latest"]);
  if (balance < needed) throw new GasTankEmpty({ chain: node.network.id, wallet, needed, balance });
}

async function estimateGas(node: EvmNode, call: Call): Promise<bigint> {
  const answer = await node.request("eth_estimateGas", [call]);
  if (!("refused" in answer)) return readShape(node.network.id, Quantity, answer.result);
  const { message } = answer.refused;
  if (/insufficient funds/i.test(message)) throw new GasTankEmpty({ chain: node.network.id, wallet: call.from });
  if (/revert/i.test(message)) throw new TransactionWouldFail(node.network.id, message);
  throw new RpcUnavailable(node.network.id, `eth_estimateGas refused, error ${answer.refused.code}`);
}

/** EIP-1559 caps: twice the base fee plus the tip, so a transaction survives six full blocks of rising fees. */
export async function quoteFees(node: EvmNode): Promise<FeeQuote> {
  const gasPrice = await node.quantity("eth_gasPrice", []);
  const answer = await node.request("eth_maxPriorityFeePerGas", []);
  const named = "refused" in answer ? FALLBACK_TIP : readShape(node.network.id, Quantity, answer.result);
  const maxPriorityFeePerGas = named < gasPrice ? named : gasPrice;
  return { gasPrice, maxFeePerGas: gasPrice * 2n, maxPriorityFeePerGas };
}
