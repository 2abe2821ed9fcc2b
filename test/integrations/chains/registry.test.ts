import { describe, expect, it } from "vitest";
import { isTokenAccepted } from "../../../src/integrations/chains/chain.ts";
import { evmNetworks, localNetwork } from "../../../src/integrations/chains/evm/networks.ts";
import { openChains } from "../../../src/integrations/chains/registry.ts";

const USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";
const USDT = "0xdAC17F958D2ee523a2206206994597C13D831ec7";
const local = localNetwork({ usdc: USDC.toLowerCase(), usdt: USDT });
const open = () => openChains([...evmNetworks, local].map((network) => ({ network, rpcUrl: "http://127.0.0.1:9" })));

describe("the chain registry", () => {
  it("finds a chain by its CAIP-2 id and by its short name", () => {
    const registry = open();
    expect(registry.find("base")).toBe(registry.find("eip155:8453"));
    expect(registry.find("local").network).toMatchObject({ chainId: 31_337 });
  });

  it("says which chain is not offered, without repeating a long text", () => {
    expect(() => open().find("solana")).toThrow(/"solana" is not offered/);
    expect(() => open().find("x".repeat(5_000))).toThrow(/^.{1,120}$/);
  });

  it("accepts USDC by symbol and address, and no token it cannot sweep yet", () => {
    const registry = open();
    expect(registry.findToken({ chain: "local", token: "USDC" }).token.address).toBe(USDC);
    expect(registry.findToken({ chain: "local", token: USDC }).token.symbol).toBe("USDC");
    for (const token of ["usdc", "", "ETH"]) {
      expect(isTokenAccepted(local, token)).toBe(false);
      expect(() => registry.findToken({ chain: "local", token })).toThrow(
        expect.objectContaining({ code: "token_not_supported" }),
      );
    }
  });

  it("refuses to start with one chain configured twice", () => {
    const setting = { network: local, rpcUrl: "http://127.0.0.1:9" };
    expect(() => openChains([setting, setting])).toThrow("configured twice");
  });
});
