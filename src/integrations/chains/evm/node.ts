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
  return openOver(network, { request: verified, verify });
}

/** A provider that failed is left alone this long while the other answers. */
const REST_MILLISECONDS = 10_000;

/**
 * Two providers as one node: the first is asked, and the second while the first does not answer or answers for another chain. For reading on,
 * never for believing: what is credited both have to say.
 */
export function openEitherNode(first: EvmNode, second: EvmNode): EvmNode {
  let restsUntil = Number.NEGATIVE_INFINITY;
  const either = async <Answer>(ask: (node: EvmNode) => Promise<Answer>): Promise<Answer> => {
    if (performance.now() < restsUntil) return ask(second);
    try {
      return await ask(first);
    } catch (error) {
      if (!(error instanceof RpcUnavailable || error instanceof ChainIdMismatch)) throw error;
      const answer = await ask(second);
      restsUntil = performance.now() + REST_MILLISECONDS;
      return answer;
    }
  };
  return openOver(first.network, {
    request: (method, params) => either((node) => node.request(method, params)),
    verify: (when) => either((node) => node.verify(when)),
  });
}

function openOver(network: EvmNetwork, over: Pick<EvmNode, "request" | "verify">): EvmNode {
  const { request } = over;
  const ask = async (method: string, params: readonly unknown[]) => {
    const answer = await request(method, params);
    if ("refused" in answer) throw new RpcUnavailable(network.id, `${method} refused, error ${answer.refused.code}`);
    return answer.result;
  };
  const quantity = async (method: string, params: readonly unknown[]) =>
    readShape(network.id, Quantity, await ask(method, params));
  return { network, ...over, ask, quantity };
}
