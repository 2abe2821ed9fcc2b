import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  add,
  formatDollars,
  InvalidAmount,
  MAXIMUM_AMOUNT,
  nanodollars,
  parseDollars,
  subtract,
  ZERO,
} from "../../src/money/nanodollars.ts";

describe("parseDollars", () => {
  it("reads one US dollar as a billion nanodollars", () => {
    expect(parseDollars("1")).toBe(1_000_000_000n);
    expect(parseDollars("0.000000001")).toBe(1n);
    expect(parseDollars("-2.5")).toBe(-2_500_000_000n);
  });

  it.each([
    "",
    " 1",
    "1 ",
    "+1",
    "1e3",
    "1E3",
    "NaN",
    "Infinity",
    "0x10",
    ".5",
    "5.",
    "1,000",
    "١٢",
    "１",
    "1.0000000001",
    "--1",
    "1_000",
    "99999999999",
    "\u0000",
    "1\n",
  ])("L11: refuses %j", (text) => {
    expect(() => parseDollars(text)).toThrow(InvalidAmount);
  });

  it("L11: refuses what is over a billion dollars, either way", () => {
    expect(parseDollars("1000000000")).toBe(MAXIMUM_AMOUNT);
    expect(() => parseDollars("1000000000.000000001")).toThrow(InvalidAmount);
    expect(() => parseDollars("-1000000001")).toThrow(InvalidAmount);
  });

  it("gives back every amount it wrote", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -MAXIMUM_AMOUNT, max: MAXIMUM_AMOUNT }), (value) => {
        expect(parseDollars(formatDollars(nanodollars(value)))).toBe(value);
      }),
    );
  });
});

describe("formatDollars", () => {
  it("writes no exponent and no trailing zeros", () => {
    expect(formatDollars(nanodollars(1n))).toBe("0.000000001");
    expect(formatDollars(nanodollars(-1_500_000_000n))).toBe("-1.5");
    expect(formatDollars(ZERO)).toBe("0");
  });
});

it("adds and subtracts exactly", () => {
  expect(add(nanodollars(1n), nanodollars(2n), nanodollars(3n))).toBe(6n);
  expect(subtract(nanodollars(1n), nanodollars(3n))).toBe(-2n);
});
