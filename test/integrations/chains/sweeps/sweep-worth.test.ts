import { describe, expect, it } from "vitest";
import { localNetwork } from "../../../../src/integrations/chains/evm/networks.ts";
import { isWorthSweeping, whyNotWorth } from "../../../../src/integrations/chains/sweeps/sweep-worth.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";

const network = localNetwork({ usdc: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913" });
const [token] = network.tokens;
if (token === undefined) throw new Error("the network has no token");
const chain = (permille?: number) => ({
  network: permille === undefined ? network : { ...network, sweepCostPermille: permille },
  readGasPrice: async () => 10n ** 9n,
});

describe("whether a sweep is worth it", () => {
  it("C07: leaves dust where it is when moving it would cost more than its share, and says so in dollars", async () => {
    // 100,000 gas at 1 gwei and $4,000 a coin are 40 cents.
    expect(await whyNotWorth(chain(200), { token, units: 1_000_000n })).toMatch(/cost \$0\.4.*more than 20 %/);
    expect(await whyNotWorth(chain(200), { token, units: 2_000_000n })).toBeUndefined();
  });

  it("moves anything where no share is set", async () => {
    expect(await whyNotWorth(chain(), { token, units: 1n })).toBeUndefined();
  });

  it("waits for a token's minimum", async () => {
    const minimum = { ...token, minimumSweepUnits: 500n };
    expect(await whyNotWorth(chain(), { token: minimum, units: 499n })).toMatch(/dust/);
    expect(await whyNotWorth(chain(), { token: minimum, units: 500n })).toBeUndefined();
  });

  it("compares exactly at the border", () => {
    const at = (cost: bigint) =>
      isWorthSweeping({ amount: nanodollars(1_000n), cost: nanodollars(cost), permille: 100 });
    expect([at(100n), at(101n)]).toEqual([true, false]);
  });
});
