import { expect, it } from "vitest";
import { planFuel } from "../../../../../src/integrations/chains/sweeps/methods/fuel.ts";

const call = { chainId: 1, to: "0x", data: "0x", gasLimit: "100", maxFeePerGas: "10", maxPriorityFeePerGas: "1" };

it("an address is given what it lacks, with room, and nothing when it can pay", () => {
  expect(planFuel({ call, heldUnits: 1_000n })).toBeUndefined();
  expect(planFuel({ call, heldUnits: 999n })).toBe(201n);
  expect(planFuel({ call, heldUnits: 0n })).toBe(1_200n);
});
