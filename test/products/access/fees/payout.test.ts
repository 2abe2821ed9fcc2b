import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nanodollars, parseDollars, ZERO } from "../../../../src/money/nanodollars.ts";
import { choosePayouts } from "../../../../src/products/access/fees/payout.ts";

const pool = (units: bigint, network = "solana:local", destination: string | null = "w") => ({
  network,
  token: "USDC",
  decimals: 6,
  units,
  destination,
});

describe("what is paid out", () => {
  it("is what is owed, from the largest pool first, and never below the minimum", () => {
    const pools = [pool(2_000_000n, "a"), pool(9_000_000n, "b"), pool(500_000n, "c")];
    const chosen = choosePayouts({ owed: parseDollars("10.7"), pools, minimum: parseDollars("1") });
    expect(chosen.map(({ pool: { network }, units }) => [network, units])).toEqual([
      ["b", 9_000_000n],
      ["a", 1_700_000n],
    ]);
  });

  it("is nothing to a wallet that must wait, of an empty pool, or of a debt", () => {
    const owed = parseDollars("5");
    expect(choosePayouts({ owed, pools: [pool(9_000_000n, "a", null), pool(-5n, "b")], minimum: ZERO })).toEqual([]);
    expect(choosePayouts({ owed: nanodollars(-1n), pools: [pool(9_000_000n)], minimum: ZERO })).toEqual([]);
  });

  it("is never more than is owed, nor than a pool has, whatever they are", () => {
    const pools = fc.array(fc.bigInt(-100n, 10n ** 12n), { maxLength: 5 });
    fc.assert(
      fc.property(pools, fc.bigInt(-5n, 10n ** 15n), fc.bigInt(0n, 10n ** 9n), (units, owed, minimum) => {
        const chosen = choosePayouts({
          owed: nanodollars(owed),
          pools: units.map((each, place) => pool(each, `n${place}`)),
          minimum: nanodollars(minimum),
        });
        const sum = chosen.reduce((total, { amount }) => total + amount, 0n);
        expect(sum <= (owed > 0n ? owed : 0n)).toBe(true);
        for (const share of chosen) {
          expect(share.units > 0n && share.units <= share.pool.units && share.amount >= minimum).toBe(true);
          expect(share.amount).toBe(share.units * 1_000n);
        }
      }),
    );
  });
});
