import { expect, it } from "vitest";
import { localNetwork } from "../../../../src/integrations/chains/evm/networks.ts";
import { gasCostOf } from "../../../../src/integrations/chains/outgoing/gas-cost.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";

it("a cost is never written too small, whatever the coin's decimals", () => {
  const network = localNetwork({ usdc: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913" });
  const coin = { ...network, nativePrice: nanodollars(150_000_000_000n) };
  expect(gasCostOf({ network: coin }, 1n)).toBe(1n);
  expect(gasCostOf({ network: coin }, 10n ** 18n)).toBe(150_000_000_000n);
  expect(gasCostOf({ network: { ...coin, nativeDecimals: 9 } }, 5_000n)).toBe(750_000n);
});
