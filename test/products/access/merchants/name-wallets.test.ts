import { describe, expect, it } from "vitest";
import type { X402Network } from "../../../../src/integrations/x402/networks.ts";
import { findNetwork, nameWallets } from "../../../../src/products/access/merchants/name-wallets.ts";

const network = (id: string, shortName: string, kind: "evm" | "solana", v1Name: string | null): X402Network => ({
  ...{ id, caip2: id === "solana:local" ? "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1" : id, shortName, kind, v1Name },
  ...{ isTest: true, tokens: [] },
});
const BASE = network("eip155:8453", "base", "evm", "base");
const POLYGON = network("eip155:137", "matic", "evm", "polygon");
const SOLANA = network("solana:local", "sol", "solana", "solana-devnet");
const ALL = [BASE, POLYGON, SOLANA];

describe("naming wallets", () => {
  it("takes walletAddress for every network of its kind", () => {
    expect(nameWallets(ALL, { walletAddress: "0xA", wallets: {} })).toEqual([
      { network: BASE, address: "0xA" },
      { network: POLYGON, address: "0xA" },
    ]);
    expect(nameWallets(ALL, { walletAddress: "7xK", wallets: {} })).toEqual([{ network: SOLANA, address: "7xK" }]);
  });

  it("lets a single network's wallet win", () => {
    const named = nameWallets(ALL, { walletAddress: "0xA", wallets: { polygon: "0xB" } });
    expect(named.map(({ network: { shortName }, address }) => [shortName, address])).toEqual([
      ["matic", "0xB"],
      ["base", "0xA"],
    ]);
  });

  it("finds a network by id, CAIP-2 id, short name and version 1 name", () => {
    for (const name of ["solana:local", "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1", "sol", "solana-devnet"]) {
      expect(findNetwork(ALL, name)).toBe(SOLANA);
    }
  });

  it("refuses unknown networks, one named twice, and a wallet that fits none", () => {
    const code = "network_not_offered";
    expect(() => findNetwork(ALL, "constructor")).toThrow(expect.objectContaining({ code }));
    expect(() => nameWallets(ALL, { wallets: { matic: "0xA", polygon: "0xB" } })).toThrow(
      expect.objectContaining({ code }),
    );
    expect(() => nameWallets([SOLANA], { walletAddress: "0xA", wallets: {} })).toThrow(
      expect.objectContaining({ code }),
    );
    expect(() => nameWallets([BASE], { walletAddress: "7xK", wallets: {} })).toThrow(expect.objectContaining({ code }));
  });
});
