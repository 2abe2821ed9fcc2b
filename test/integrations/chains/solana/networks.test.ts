import { describe, expect, it } from "vitest";
import { confirmationsFor } from "../../../../src/integrations/chains/chain.ts";
import { solanaNetwork } from "../../../../src/integrations/chains/solana/networks.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";

const setting = { shortName: "solana", nativePrice: nanodollars(150_000_000_000n) };
const dollars = (whole: bigint) => nanodollars(whole * 1_000_000_000n);

describe("a Solana network", () => {
  it("names the public clusters by their genesis, with Circle's mint", () => {
    const mainnet = solanaNetwork({ ...setting, cluster: "mainnet" });
    expect(mainnet.genesisHash?.startsWith(mainnet.id.slice("solana:".length))).toBe(true);
    expect(mainnet.tokens).toMatchObject([{ symbol: "USDC", address: "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v" }]);
    const devnet = solanaNetwork({ ...setting, cluster: "devnet" });
    expect(devnet.genesisHash?.startsWith(devnet.id.slice("solana:".length))).toBe(true);
    expect(devnet.id).not.toBe(mainnet.id);
  });

  it("accepts any genesis on a local chain, which must be told its mint", () => {
    const usdc = "4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU";
    expect(solanaNetwork({ ...setting, cluster: "local", usdc })).not.toHaveProperty("genesisHash");
    expect(() => solanaNetwork({ ...setting, cluster: "local" })).toThrow("SOLANA_USDC_MINT");
    expect(() => solanaNetwork({ ...setting, cluster: "local", usdc: "1".repeat(44) })).toThrow("SOLANA_USDC_MINT");
    expect(() => solanaNetwork({ ...setting, cluster: "local", usdc: "0x12" })).toThrow("SOLANA_USDC_MINT");
  });

  it("lets large deposits wait for finality, small ones not", () => {
    const network = solanaNetwork({ ...setting, cluster: "devnet" });
    expect(confirmationsFor(network, dollars(1_000n))).toBe(1);
    expect(confirmationsFor(network, nanodollars(1_000_000_000_001n))).toBe(network.finalityBlocks);
  });
});
