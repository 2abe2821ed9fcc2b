import { describe, expect, it } from "vitest";
import { parseDollars } from "../../../../../src/money/nanodollars.ts";
import {
  describeOffer,
  MAXIMUM_UNITS,
  readUnits,
  resourceUrl,
} from "../../../../../src/products/access/payments/quotes/quotes.ts";

const CENT = parseDollars("0.01");
const refusal = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return Object(error).code;
  }
  return "taken";
};

describe("how much a request asks for", () => {
  it("is one unit where it says nothing, and what it says otherwise", () => {
    expect(readUnits({}, CENT)).toEqual({ units: 1, isStated: false });
    expect(readUnits({ units: 7 }, CENT)).toEqual({ units: 7, isStated: true });
  });

  it("X12: is as many whole units as an amount covers, exactly, also where floats would be off by one", () => {
    expect(readUnits({ amount: "0.29" }, CENT).units).toBe(29);
    expect(readUnits({ additionalAmount: "1.009999999" }, CENT).units).toBe(100);
    expect(readUnits({ amount: "0.000003" }, parseDollars("0.000001")).units).toBe(3);
  });

  it("X12: is refused below one unit, beyond the largest purchase, for nothing, and where it is said twice", () => {
    for (const amount of ["0.009999999", "0", "-1"]) {
      expect(refusal(() => readUnits({ amount }, CENT))).toBe("invalid_units");
    }
    expect(refusal(() => readUnits({ amount: "1e2" }, CENT))).toBe("invalid_amount");
    expect(refusal(() => readUnits({ amount: "0x10" }, CENT))).toBe("invalid_amount");
    expect(readUnits({ amount: "1000" }, CENT).units).toBe(MAXIMUM_UNITS);
    expect(refusal(() => readUnits({ amount: "1000.01" }, CENT))).toBe("invalid_units");
    expect(refusal(() => readUnits({ amount: "1", units: 100 }, CENT))).toBe("invalid_units");
  });
});

describe("what an offer says of itself", () => {
  it("is one sentence in singular or plural, and a URL that names the asset only", () => {
    const asset = { name: "Rig", unit: "minute" } as const;
    expect(describeOffer({ asset, units: 1 })).toBe("1 minute of Rig");
    expect(describeOffer({ asset, units: 2 })).toBe("2 minutes of Rig");
    expect(resourceUrl({ publicUrl: "https://shop.example" }, { assetId: "a b" })).toBe(
      "https://shop.example/api/v1/access/a%20b",
    );
  });
});
