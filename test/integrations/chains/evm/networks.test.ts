import { getAddress } from "ethers";
import { describe, expect, it } from "vitest";
import { acceptedTokens, confirmationsFor } from "../../../../src/integrations/chains/chain.ts";
import { configuredNetwork, evmNetworks, localNetwork } from "../../../../src/integrations/chains/evm/networks.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";

const USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";
const USDT = "0xdAC17F958D2ee523a2206206994597C13D831ec7";
const local = localNetwork({ usdc: USDC.toLowerCase(), usdt: USDT.toLowerCase() });
const nativePrice = nanodollars(3_000_000_000_000n);

describe.each([...evmNetworks, local].map((network) => [network.shortName, network] as const))(
  "the network %s",
  (_name, network) => {
    it("has canonical addresses, a way out for each token it accepts, and its chain id in its id", () => {
      expect(network.id).toBe(`eip155:${network.chainId}`);
      for (const token of network.tokens) expect(getAddress(token.address)).toBe(token.address);
      for (const token of acceptedTokens(network)) {
        if (token.sweepMethod === "receive_with_authorization") expect(token.eip712?.version).toBe("2");
        else expect(network.topUpLimitUnits).toBeGreaterThan(0n);
      }
    });

    it("reads further back than its longest confirmation", () => {
      expect(network.reorgWindowBlocks).toBeGreaterThan(confirmationsFor(network, nanodollars(10n ** 18n)));
    });
  },
);

describe("a configured network", () => {
  it("is a known one with the operator's name, price and explorer", () => {
    const base = configuredNetwork({
      chainId: 8453,
      shortName: "l2",
      nativePrice,
      explorerUrl: "https://explorer.example/",
    });
    expect(base).toMatchObject({
      id: "eip155:8453",
      shortName: "l2",
      nativePrice,
      explorerUrl: "https://explorer.example",
    });
    expect(base.tokens).toMatchObject([{ symbol: "USDC", address: USDC }]);
  });

  it("is any chain whose USDC is named", () => {
    const own = configuredNetwork({
      chainId: 777,
      shortName: "own",
      nativePrice,
      usdc: USDC,
      usdt: USDT,
      confirmations: 5,
    });
    expect(own).toMatchObject({ id: "eip155:777", chainId: 777, confirmations: [{ blocks: 5 }] });
    expect(own.tokens.map(({ symbol }) => symbol)).toEqual(["USDC", "USDT"]);
  });

  it("stops the start when its USDC is not known", () => {
    expect(() => configuredNetwork({ chainId: 777, shortName: "own", nativePrice })).toThrow("USDC_ADDRESS");
  });
});
