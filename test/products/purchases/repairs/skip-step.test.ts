import { expect, it } from "vitest";
import { skipStep } from "../../../../src/products/purchases/repairs/skip-step.ts";
import { PARKED, unsold } from "./facts.ts";

it("leaves out no step but the one that is stuck, and none that cannot be left out", () => {
  const { refuse } = skipStep.prepare({ step: "empty_bucket" });
  expect(refuse(unsold())).toMatchObject({ code: "not_stuck" });
  expect(refuse(unsold({ parked: PARKED }))).toMatchObject({ code: "repair_not_allowed" });
  const look = { ...PARKED, phase: null, stepName: null };
  expect(refuse(unsold({ parked: look }))?.message).toContain("cannot be left out");
});

it("needs the step's name", () => {
  expect(() => skipStep.prepare({})).toThrow("step");
});
