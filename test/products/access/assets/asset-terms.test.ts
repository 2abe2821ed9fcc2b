import { describe, expect, it } from "vitest";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { showPrice, unitSecondsOf } from "../../../../src/products/access/assets/asset-terms.ts";

const code = "session_length_invalid";

describe("what a unit lasts", () => {
  it("is fixed for all but a session, which says so or keeps what it said", () => {
    expect((["minute", "hour", "day"] as const).map((unit) => unitSecondsOf(unit, {}, 99))).toEqual([
      60, 3_600, 86_400,
    ]);
    expect(unitSecondsOf("session", { sessionSeconds: 5 }, 99)).toBe(5);
    expect(unitSecondsOf("session", { sessionMinutes: 2 }, 99)).toBe(120);
    expect(unitSecondsOf("session", {}, 99)).toBe(99);
  });

  it.each([
    ["session", {}],
    ["session", { sessionSeconds: 60, sessionMinutes: 1 }],
    ["session", { sessionSeconds: 0 }],
    ["session", { sessionMinutes: 525_601 }],
    ["hour", { sessionSeconds: 60 }],
    ["day", { sessionMinutes: 60 }],
  ] as const)("is refused for a %s of %j", (unit, length) => {
    expect(() => unitSecondsOf(unit, length)).toThrow(expect.objectContaining({ code }));
  });
});

it.each([
  ["0.1", "0.10"],
  ["12", "12.00"],
  ["0.000001", "0.000001"],
  ["1.250", "1.25"],
])("a price of %s is shown as %s, which is the same", (price, shown) => {
  expect(showPrice(parseDollars(price))).toBe(shown);
  expect(parseDollars(shown)).toBe(parseDollars(price));
});
