import type { EvmNetwork } from "../chain.ts";
import { ChainIdMismatch, RpcUnavailable } from "../errors.ts";
import type { JsonRpc } from "./json-rpc.ts";
import { Quantity, readShape } from "./rpc-shapes.ts";

/** The chain id a node gave is believed this long; the head is never read without asking again. */
const CHAIN_ID_TRUST_MILLISECONDS = 30_000;

/** A node asked for one network: `ask` returns a result or throws, `request` leaves refusals to the caller. */
export type EvmNode = {
  readonly network: EvmNetwork;
  readonly request: JsonRpc;
  readonly ask: (method: string, params: readonly unknown[]) => Promise<unknown>;
  /** `ask` for a hex quantity. */
  readonly quantity: (method: string, params: readonly unknown[]) => Promise<bigint>;
  /** Throws `ChainIdMismatch` unless the node answers for this network: asked now, or lately enough. */
  readonly verify: (when: "now" | "lately") => Promise<void>;
};

/** Puts the chain id check in front of every request of a client. */
export function openNode(network: EvmNetwork, request: JsonRpc): EvmNode {
  let verifiedAt = Number.NEGATIVE_INFINITY;
  const verify = async (when: "now" | "lately") => {
    if (when === "lately" && performance.now() - verifiedAt < CHAIN_ID_TRUST_MILLISECONDS) return;
    const answer = await request("eth_chainId", []);
    if ("refused" in answer) throw new RpcUnavailable(network.id, `eth_chainId refused, error ${answer.refused.code}`);
    const chainId = readShape(network.id, Quantity, answer.result);
    if (chainId !== BigInt(network.chainId)) {
      verifiedAt = Number.NEGATIVE_INFINITY;
      throw new ChainIdMismatch(network.id, chainId.toString());
    }
    verifiedAt = performance.now();
  };
  const verified: JsonRpc = async (method, params) => {
    await verify("lately");
    return request(method, params);
  };
  const ask = async (method: string, params: readonly unknown[]) => {
    const answer = await verified(method, params);
    if ("refused" in answer) throw new RpcUnavailable(network.id, `${method} refused, error ${answer.refused.code}`);
    return answer.result;
  };
  const quantity = async (method: string, params: readonly unknown[]) =>
    readShape(network.id, Quantity, await ask(method, params));
  return { network, request: verified, ask, quantity, verify };
}
