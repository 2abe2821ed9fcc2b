import { expect, it } from "vitest";
import { resumeSweep } from "../../../../src/products/purchases/repairs/resume-sweep.ts";
import { unsold } from "./facts.ts";

it("needs a deposit, in any state", () => {
  expect(() => resumeSweep.prepare({})).toThrow("depositId");
  expect(resumeSweep.prepare({ depositId: "dep_1" }).refuse(unsold())).toBeNull();
});
