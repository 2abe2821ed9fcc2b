import { expect, it } from "vitest";
import { retryStep } from "../../../../src/products/purchases/repairs/retry-step.ts";
import { PARKED, unsold } from "./facts.ts";

it("is for what is stuck, and for nothing else", () => {
  const { refuse } = retryStep.prepare({});
  expect(refuse(unsold())).toMatchObject({ code: "not_stuck" });
  expect(refuse(unsold({ parked: PARKED }))).toBeNull();
});
