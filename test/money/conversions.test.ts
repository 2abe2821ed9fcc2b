import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { divide, tokenUnitsToNanodollars } from "../../src/money/conversions.ts";

describe("tokenUnitsToNanodollars", () => {
  it("turns a USDC base unit into a thousand nanodollars, exactly", () => {
    expect(tokenUnitsToNanodollars(1n, 6, "exact")).toBe(1_000n);
    expect(tokenUnitsToNanodollars(8_200_000n, 6, "exact")).toBe(8_200_000_000n);
  });

  it("loses only what is finer than a nanodollar, downwards, for tokens with 18 decimals", () => {
    expect(tokenUnitsToNanodollars(1_999_999_999n, 18, "down")).toBe(1n);
    expect(tokenUnitsToNanodollars(1_999_999_999n, 18, "up")).toBe(2n);
    expect(() => tokenUnitsToNanodollars(1_999_999_999n, 18, "exact")).toThrow(RangeError);
  });
});

it("rounds down to at most and up to at least the true quotient", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.bigInt({ min: 1n, max: 10n ** 12n }), (value, divisor) => {
      expect(divide(value, divisor, "down") * divisor <= value).toBe(true);
      expect(divide(value, divisor, "up") * divisor >= value).toBe(true);
      expect(divide(value, divisor, "up") - divide(value, divisor, "down") <= 1n).toBe(true);
    }),
  );
});
