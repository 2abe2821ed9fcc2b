import { describe, expect, it } from "vitest";
import { parseDollars, ZERO } from "../../../../src/money/nanodollars.ts";
import { tierFor } from "../../../../src/products/access/fees/fee-rate.ts";
import { parseFeeTiers } from "../../../../src/products/access/fees/platform-fee.ts";

describe("fee tiers", () => {
  it("are dollars and basis points, in any order", () => {
    expect(parseFeeTiers("100000:100, 0:200,10000.5:150")).toEqual([
      { from: ZERO, basisPoints: 200 },
      { from: parseDollars("10000.5"), basisPoints: 150 },
      { from: parseDollars("100000"), basisPoints: 100 },
    ]);
    expect(parseFeeTiers("")).toEqual([]);
  });

  it.each(["0", "0:200,", "0:x", "-1:5", "0:10001", "0:200,0:100", "5:1:2", "1e3:5"])("%s is refused", (text) => {
    expect(parseFeeTiers(text)).toBeNull();
  });

  it("hold from their volume on, and below the first the general rate does", () => {
    const fee = { basisPoints: 250, tiers: parseFeeTiers("10:200,100:100") ?? [] };
    const rates = ["0", "9.999999999", "10", "99.999999999", "100", "1000000"].map((volume) =>
      tierFor(fee, parseDollars(volume)),
    );
    expect(rates).toEqual([250, 250, 200, 200, 100, 100]);
    expect(tierFor({ basisPoints: 0, tiers: [] }, ZERO)).toBe(0);
  });
});
