import { expect, it } from "vitest";
import { worthOf } from "../../../../src/integrations/chains/deposits/deposit-value.ts";
import { localNetwork } from "../../../../src/integrations/chains/evm/networks.ts";

const USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";
const network = localNetwork({ usdc: USDC });

it("values a listed token at a dollar, to the last base unit", () => {
  const deposit = { kind: "token", token: USDC, amountUnits: 1n } as const;
  expect(worthOf(network, deposit)).toEqual({ symbol: "USDC", amount: 1_000n });
});

it("values native coin at the configured price, rounded down", () => {
  const coin = { kind: "native_coin", token: "ETH" } as const;
  expect(worthOf(network, { ...coin, amountUnits: 10n ** 18n })).toEqual({
    symbol: "ETH",
    amount: network.nativePrice,
  });
  expect(worthOf(network, { ...coin, amountUnits: 1n })).toEqual({ symbol: "ETH", amount: 0n });
  expect(worthOf({ ...network, nativeDecimals: 9 }, { ...coin, amountUnits: 10n ** 9n })?.amount).toBe(
    network.nativePrice,
  );
});

it("gives a token nobody listed no dollars at all", () => {
  expect(worthOf(network, { kind: "unknown_token", token: "0x1", amountUnits: 10n ** 30n })).toBeUndefined();
  expect(worthOf(network, { kind: "token", token: "0x1", amountUnits: 1n })).toBeUndefined();
});
