import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { JsonRpc } from "../../../../src/integrations/chains/evm/json-rpc.ts";
import { solanaNetwork } from "../../../../src/integrations/chains/solana/networks.ts";
import { openSolanaNode } from "../../../../src/integrations/chains/solana/node.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";

const setting = { shortName: "solana", nativePrice: nanodollars(1n) };
const devnet = solanaNetwork({ ...setting, cluster: "devnet" });
const local = solanaNetwork({ ...setting, cluster: "local", usdc: "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU" });
const DEVNET = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG";

/** A node that says `genesis` of itself and answers everything else with 7. */
function nodeOf(genesis: unknown) {
  const asked: string[] = [];
  const request: JsonRpc = async (method) => {
    asked.push(method);
    if (method === "getGenesisHash") return { result: genesis };
    return method === "refuse" ? { refused: { code: -32_602, message: "https://key@node" } } : { result: 7 };
  };
  return { asked, request };
}

describe("a Solana node", () => {
  it("is asked for its genesis before anything else, and not for every question", async () => {
    const { asked, request } = nodeOf(DEVNET);
    const node = openSolanaNode(devnet, request);
    expect(await node.ask(z.number(), "getSlot", [])).toBe(7);
    await node.ask(z.number(), "getSlot", []);
    expect(asked).toEqual(["getGenesisHash", "getSlot", "getSlot"]);
    await node.verify("now");
    expect(asked).toHaveLength(4);
  });

  it("is not believed when it is another cluster's", async () => {
    const { asked, request } = nodeOf("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d");
    const node = openSolanaNode(devnet, request);
    await expect(node.ask(z.number(), "getSlot", [])).rejects.toMatchObject({ code: "chain_id_mismatch" });
    expect(asked).toEqual(["getGenesisHash"]);
  });

  it("may have any genesis when it is local, and says which", async () => {
    expect(await openSolanaNode(local, nodeOf("anything").request).verify("now")).toBe("anything");
  });

  it.each([[null], [7], [{}]])("says nothing usable when its genesis is %j", async (genesis) => {
    await expect(openSolanaNode(local, nodeOf(genesis).request).verify("now")).rejects.toMatchObject({
      code: "rpc_unavailable",
    });
  });

  it("gives no answer of another shape, and repeats no refusal's words", async () => {
    const node = openSolanaNode(local, nodeOf("local").request);
    await expect(node.ask(z.string(), "getSlot", [])).rejects.toMatchObject({ code: "rpc_unavailable" });
    const refused = node.ask(z.number(), "refuse", []);
    await expect(refused).rejects.toThrow(/-32602/);
    await expect(refused).rejects.not.toThrow(/key@node/);
  });
});
