import fc from "fast-check";
import { expect, it } from "vitest";
import { MAXIMUM_AMOUNT, nanodollars, parseDollars } from "../../../src/money/nanodollars.ts";
import { SMALLEST_TRIGGER_BALANCE, triggersFor } from "../../../src/products/purchases/balance-triggers.ts";

it("keeps low above critical above termination at every balance", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: SMALLEST_TRIGGER_BALANCE, max: MAXIMUM_AMOUNT }), (balance) => {
      const { low, critical, termination } = triggersFor(nanodollars(balance));
      expect(balance > low && low > critical && critical > termination && termination >= 0n).toBe(true);
    }),
  );
});

it("sets a fifth, a tenth and a hundredth, within the caps of seed 000", () => {
  expect(triggersFor(parseDollars("5"))).toEqual({
    low: parseDollars("1"),
    critical: parseDollars("0.5"),
    termination: parseDollars("0.05"),
  });
  expect(triggersFor(parseDollars("1000"))).toEqual({
    low: parseDollars("10"),
    critical: parseDollars("2"),
    termination: parseDollars("1"),
  });
});

it("does not let termination reach critical on a small deposit", () => {
  expect(triggersFor(parseDollars("0.25")).termination).toBe(parseDollars("0.0125"));
});

it("refuses a balance too small for three levels", () => {
  expect(() => triggersFor(nanodollars(999n))).toThrow(RangeError);
});
