import type { BroadcastOutcome, Chain } from "../chain.ts";
import { GasTankEmpty, RpcUnavailable } from "../errors.ts";
import { AUTHORIZATION_USED_TOPIC, addressTopic, readReceiptShape, tokenInterface } from "./erc20-transfers.ts";
import type { EvmNode } from "./node.ts";
import { Log, Receipt, readShape } from "./rpc-shapes.ts";

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
