import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { feeInNanodollars, splitFee } from "../../../../src/products/access/fees/split.ts";

const units = fc.bigInt(0n, 2n ** 63n - 1n);
const points = fc.integer({ min: 0, max: 10_000 });

describe("the platform's part", () => {
  it("and the merchant's are the amount exactly, neither below zero, for any amount and rate", () => {
    fc.assert(
      fc.property(units, points, (amount, rate) => {
        const { feeUnits, netUnits } = splitFee(amount, rate);
        expect(feeUnits + netUnits).toBe(amount);
        expect(feeUnits >= 0n && netUnits >= 0n).toBe(true);
        expect(feeUnits * 10_000n <= amount * BigInt(rate)).toBe(true);
        expect((feeUnits + 1n) * 10_000n > amount * BigInt(rate)).toBe(true);
      }),
    );
  });

  it("is rounded down in base units: 2 % of 49 units is nothing", () => {
    expect(splitFee(49n, 200)).toEqual({ feeUnits: 0n, netUnits: 49n });
    expect(splitFee(50n, 200)).toEqual({ feeUnits: 1n, netUnits: 49n });
    expect(splitFee(1_000_000n, 0)).toEqual({ feeUnits: 0n, netUnits: 1_000_000n });
    expect(splitFee(7n, 10_000)).toEqual({ feeUnits: 7n, netUnits: 0n });
  });

  it("is of nothing below zero, nor above everything", () => {
    for (const [amount, rate] of [[-1n, 200] as const, [1n, -1] as const, [1n, 10_001] as const, [1n, 0.5] as const]) {
      expect(() => splitFee(amount, rate)).toThrow(RangeError);
    }
  });

  it("is exact in nanodollars for six decimals, and rounded down where a token is finer", () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 12n), points, (amountUnits, rate) => {
        const { feeUnits } = splitFee(amountUnits, rate);
        const gross = nanodollars(amountUnits * 1_000n);
        expect(feeInNanodollars({ amountUnits, feeUnits, gross })).toBe(feeUnits * 1_000n);
      }),
    );
    const finer = { amountUnits: 10n ** 18n + 7n, feeUnits: 2n * 10n ** 16n, gross: nanodollars(10n ** 9n) };
    expect(feeInNanodollars(finer)).toBe(19_999_999n);
  });

  it("of parts is never more than of the whole", () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 9n), points, fc.bigInt(0n, 10n ** 12n), (amountUnits, rate, cut) => {
        const payment = {
          amountUnits,
          feeUnits: splitFee(amountUnits, rate).feeUnits,
          gross: nanodollars(amountUnits * 1_000n),
        };
        const part = nanodollars(cut % (payment.gross + 1n));
        const rest = nanodollars(payment.gross - part);
        expect(feeInNanodollars(payment, part) + feeInNanodollars(payment, rest) <= feeInNanodollars(payment)).toBe(
          true,
        );
      }),
    );
  });
});
