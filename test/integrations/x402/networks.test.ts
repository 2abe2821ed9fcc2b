import { describe, expect, it } from "vitest";
import { type ChainFacts, x402Networks } from "../../../src/integrations/x402/networks.ts";

const chain = (id: string, tokens: ChainFacts["tokens"]): ChainFacts => ({
  id,
  kind: id.startsWith("solana:") ? "solana" : "evm",
  shortName: id,
  tokens,
});
const token = (symbol: string, over: Partial<ChainFacts["tokens"][number]> = {}) => ({
  symbol,
  address: `${symbol}-address`,
  decimals: 6,
  sweepMethod: "sponsored",
  ...over,
});
const EIP712 = { name: "USD Coin", version: "2" };
const usdc = token("USDC", { eip712: EIP712 });
const found = (chains: readonly ChainFacts[], accepted = ["USDC"]) => x402Networks(chains, accepted);

describe("x402Networks", () => {
  it("names chains as both protocol versions do", () => {
    const chains = ["eip155:8453", "eip155:84532", "eip155:137", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"];
    const networks = found(chains.map((id) => chain(id, [usdc])));
    expect(networks.map(({ caip2, v1Name, isTest }) => [caip2, v1Name, isTest])).toEqual([
      ["eip155:8453", "base", false],
      ["eip155:84532", "base-sepolia", true],
      ["eip155:137", "polygon", false],
      ["solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp", "solana", false],
    ]);
  });

  it("has no version 1 name for a chain that never had one", () => {
    expect(found([chain("eip155:31337", [usdc])])[0]?.v1Name).toBeNull();
  });

  it("lets a local Solana chain pose as devnet, and keeps its own id", () => {
    expect(found([chain("solana:local", [token("USDC")])])[0]).toMatchObject({
      id: "solana:local",
      caip2: "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1",
      v1Name: "solana-devnet",
      isTest: true,
    });
  });

  it("takes accepted tokens only, on EVM those of EIP-3009, and no chain without one", () => {
    const usdt = token("USDT");
    const chains = [chain("eip155:8453", [usdc, usdt]), chain("eip155:1", [usdt]), chain("solana:local", [usdt])];
    const networks = found(chains, ["USDC", "USDT"]);
    expect(networks.map(({ id, tokens }) => [id, tokens.map(({ symbol }) => symbol)])).toEqual([
      ["eip155:8453", ["USDC"]],
      ["solana:local", ["USDT"]],
    ]);
    expect(found(chains)).toHaveLength(1);
    expect(networks[0]?.tokens[0]?.eip712).toEqual(EIP712);
  });
});
