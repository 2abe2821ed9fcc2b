import { describe, expect, it } from "vitest";
import { crossingsByEvent } from "../../src/ledger/crossing-columns.ts";

describe("the crossings a batch reports", () => {
  it("belong to the event that caused them, in the order reported", () => {
    const found = crossingsByEvent({ crossed_events: "{7,9,7}", crossed_names: ["low", "low", "empty"] });
    expect(found.get(7)).toEqual(["low", "empty"]);
    expect(found.get(9)).toEqual(["low"]);
    expect(found.get(8)).toBeUndefined();
  });

  it("keep a refused event, which has no entry, apart by its negative position", () => {
    const found = crossingsByEvent({ crossed_events: "{-1,1}", crossed_names: ["refused", "posted"] });
    expect([found.get(-1), found.get(1)]).toEqual([["refused"], ["posted"]]);
  });

  it("are none where the database names none", () => {
    expect(crossingsByEvent({ crossed_events: null, crossed_names: null }).size).toBe(0);
    expect(crossingsByEvent({ crossed_events: "{}", crossed_names: [] }).size).toBe(0);
  });
});
