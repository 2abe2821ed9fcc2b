import type { z } from "zod";
import type { SolanaNetwork } from "../chain.ts";
import { ChainIdMismatch, RpcUnavailable } from "../errors.ts";
import type { JsonRpc } from "../evm/json-rpc.ts";
import { readShape } from "../evm/rpc-shapes.ts";

/** The genesis hash a node gave is believed this long; the head is never read without asking again. */
const GENESIS_TRUST_MILLISECONDS = 30_000;

/** A node asked for one cluster: `ask` returns a result of a shape or throws, `request` leaves refusals to the caller. */
export type SolanaNode = {
  readonly network: SolanaNetwork;
  readonly request: JsonRpc;
  readonly ask: <Shape extends z.ZodType>(
    shape: Shape,
    method: string,
    params: readonly unknown[],
  ) => Promise<z.output<Shape>>;
  /** The hash of the cluster's first block. Throws `ChainIdMismatch` when it is not this network's. */
  readonly verify: (when: "now" | "lately") => Promise<string>;
};

/** Puts the genesis check in front of every request of a client. A local network accepts any genesis, and says which one it is. */
export function openSolanaNode(network: SolanaNetwork, request: JsonRpc): SolanaNode {
  let known: { readonly genesis: string; readonly at: number } | undefined;
  const verify = async (when: "now" | "lately") => {
    if (when === "lately" && known !== undefined && performance.now() - known.at < GENESIS_TRUST_MILLISECONDS)
      return known.genesis;
    const answer = await request("getGenesisHash", []);
    if ("refused" in answer)
      throw new RpcUnavailable(network.id, `getGenesisHash refused, error ${answer.refused.code}`);
    const { result } = answer;
    if (typeof result !== "string") throw new RpcUnavailable(network.id, "the genesis hash is no text");
    const { genesisHash } = network;
    known = undefined;
    if (genesisHash !== undefined && genesisHash !== result) throw new ChainIdMismatch(network.id, result.slice(0, 64));
    known = { genesis: result, at: performance.now() };
    return result;
  };
  const verified: JsonRpc = async (method, params) => {
    await verify("lately");
    return request(method, params);
  };
  const ask: SolanaNode["ask"] = async (shape, method, params) => {
    const answer = await verified(method, params);
    if ("refused" in answer) throw new RpcUnavailable(network.id, `${method} refused, error ${answer.refused.code}`);
    return readShape(network.id, shape, answer.result);
  };
  return { network, request: verified, ask, verify };
}
