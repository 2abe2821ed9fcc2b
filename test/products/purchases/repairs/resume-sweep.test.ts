import { expect, it } from "vitest";
import { resumeSweep } from "../../../../src/products/purchases/repairs/resume-sweep.ts";
import { unsold } from "./facts.ts";

it("needs a deposit or a refund, not both, in any state", () => {
  const refuse = (input: object) => resumeSweep.prepare(input).refuse(unsold());
  expect(refuse({})).toMatchObject({ code: "invalid_repair" });
  expect(refuse({ depositId: "dep_1", refundId: "ref_1" })).toMatchObject({ code: "invalid_repair" });
  expect(refuse({ depositId: "dep_1" })).toBeNull();
  expect(refuse({ refundId: "ref_1" })).toBeNull();
});
