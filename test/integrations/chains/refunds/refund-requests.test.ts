import { describe, expect, it } from "vitest";
import { splitRemainder } from "../../../../src/integrations/chains/refunds/refund-requests.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";

const split = (amount: bigint, free: readonly bigint[], decimals: number | undefined = 6) =>
  splitRemainder({
    amount: nanodollars(amount),
    deposits: free.map((freeUnits) => ({ freeUnits })),
    decimalsOf: ({ freeUnits }) => (freeUnits === 7n ? undefined : decimals),
  }).map(({ units }) => units);

describe("splitting a remainder over deposits", () => {
  it("takes the first whole before the next, and no more than is asked", () => {
    expect(split(6_000_000_000n, [5_000_000n, 4_000_000n])).toEqual([5_000_000n, 1_000_000n]);
    expect(split(1_000_000_000n, [5_000_000n, 4_000_000n])).toEqual([1_000_000n]);
  });

  it("takes at most what there is, and passes over what cannot be sent", () => {
    expect(split(99_000_000_000n, [1_000_000n, 7n, 2_000_000n])).toEqual([1_000_000n, 2_000_000n]);
  });

  it("rounds down to whole token units: the rest of a unit stays", () => {
    expect(split(1_999n, [5n])).toEqual([1n]);
    expect(split(999n, [5n])).toEqual([]);
    expect(split(1n, [10n ** 18n], 18)).toEqual([1_000_000_000n]);
  });
});
