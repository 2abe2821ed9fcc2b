import { describe, expect, it } from "vitest";
import { acceptedTokens, confirmationsFor, isTokenAccepted } from "../../../src/integrations/chains/chain.ts";
import { localNetwork } from "../../../src/integrations/chains/evm/networks.ts";
import { nanodollars } from "../../../src/money/nanodollars.ts";

const USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";
const USDT = "0xdAC17F958D2ee523a2206206994597C13D831ec7";
const network = localNetwork({ usdc: USDC, usdt: USDT });

describe("confirmations by amount", () => {
  it.each([
    [1n, 1],
    [1_000_000_000_000n, 1],
    [1_000_000_000_001n, 2],
    [10_000_000_000_000n, 2],
    [10_000_000_000_001n, 3],
  ])("%d nanodollars need %d blocks", (amount, blocks) => {
    expect(confirmationsFor(network, nanodollars(amount))).toBe(blocks);
  });

  it("break loudly when the tiers leave an amount without an answer", () => {
    const holed = { ...network, confirmations: [{ upTo: nanodollars(1n), blocks: 1 }] };
    expect(() => confirmationsFor(holed, nanodollars(2n))).toThrow("no upper bound");
  });
});

describe("accepted tokens", () => {
  it("are those whose way out is built", () => {
    expect(acceptedTokens(network).map(({ symbol }) => symbol)).toEqual(["USDC", "USDT"]);
    expect(isTokenAccepted(network, "USDC")).toBe(true);
    expect(isTokenAccepted(network, USDC)).toBe(true);
    expect(isTokenAccepted(network, USDT)).toBe(true);
    expect(isTokenAccepted(network, "DAI")).toBe(false);
  });
});
