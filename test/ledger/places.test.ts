import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numbered } from "../../src/ledger/places.ts";

describe("the order in which a batch locks its accounts", () => {
  it("is ascending by id whatever the order of the batch, each account once, counted from 1", () => {
    expect([...numbered([8, 2, 6, 2, 8])]).toEqual([
      [2, 1],
      [6, 2],
      [8, 3],
    ]);
  });

  it("compares ids as numbers, so 10 comes after 2", () => {
    expect([...numbered([10, 2]).keys()]).toEqual([2, 10]);
  });

  it("is empty for a batch without accounts", () => {
    expect(numbered([]).size).toBe(0);
  });

  it("is the same for every order of the same accounts", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 })), (ids) => {
        expect([...numbered([...ids].reverse())]).toEqual([...numbered(ids)]);
      }),
    );
  });
});
