import { expect, it } from "vitest";
import { refund } from "../../../../src/products/purchases/repairs/refund.ts";
import { unsold } from "./facts.ts";

it.each(["0", "0.000", "-1", "1e3", "1,5", "0.0000000001", ""])("takes %j as no amount", (amount) => {
  expect(() => refund.prepare({ amount })).toThrow("amount");
});

it("sends a deposit back whole, and to nobody an operator names", () => {
  expect(refund.prepare({ amount: "1", depositId: "dep_1" }).refuse(unsold())).toMatchObject({
    code: "invalid_repair",
  });
  expect(refund.prepare({ depositId: "dep_1" }).refuse(unsold())).toBeNull();
  expect(() => refund.prepare({ destination: "0xabc" })).toThrow("destination");
});
