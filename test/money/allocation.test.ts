import { describe, expect, it } from "vitest";
import { allocate } from "../../src/money/allocation.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";

describe("splitting an amount", () => {
  it("sums to exactly the whole, whatever the weights", () => {
    for (const [whole, weights] of [
      [10n, [1n, 1n, 1n]],
      [1n, [5n, 3n]],
      [0n, [1n, 2n]],
      [999_999_999_999n, [7n, 11n, 0n, 13n]],
    ] as const) {
      const parts = allocate(nanodollars(whole), weights);
      expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(whole);
      expect(parts).toHaveLength(weights.length);
    }
  });

  it("gives what is left to the largest remainders, and the earlier of equal ones", () => {
    expect(allocate(nanodollars(10n), [1n, 1n, 1n])).toEqual([4n, 3n, 3n]);
    expect(allocate(nanodollars(10n), [1n, 4n, 2n])).toEqual([1n, 6n, 3n]);
    expect(allocate(nanodollars(5n), [0n, 1n])).toEqual([0n, 5n]);
  });

  it("refuses weights that name nobody", () => {
    for (const weights of [[], [0n], [-1n, 2n]]) expect(() => allocate(nanodollars(1n), weights)).toThrow(RangeError);
  });
});
