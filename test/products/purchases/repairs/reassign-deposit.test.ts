import { expect, it } from "vitest";
import { reassignDeposit } from "../../../../src/products/purchases/repairs/reassign-deposit.ts";
import { unsold } from "./facts.ts";

it("gives a deposit to a checkout as to a purchase, and takes no address", () => {
  expect(reassignDeposit.prepare({ depositId: "dep_1" }).refuse(unsold())).toBeNull();
  expect(() => reassignDeposit.prepare({ depositId: "dep_1", to: "0xabc" })).toThrow("to");
});
