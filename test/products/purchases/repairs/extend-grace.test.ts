import { expect, it } from "vitest";
import { extendGrace } from "../../../../src/products/purchases/repairs/extend-grace.ts";
import { unsold } from "./facts.ts";

it.each(["soon", "2026-02-30T00:00:00Z", "2026-11-21", 5, null])("takes %j as no time", (until) => {
  expect(() => extendGrace.prepare({ until })).toThrow("until");
});

it("is for a purchase in grace", () => {
  expect(extendGrace.prepare({ until: "2026-11-22T00:00:00+02:00" }).refuse(unsold())).toMatchObject({
    code: "repair_not_allowed",
  });
});
