import { expect, it } from "vitest";
import { refuseRefund } from "../../../../src/products/purchases/repairs/refuse-refund.ts";
import { unsold } from "./facts.ts";

it("names one refund and nothing else, in any state", () => {
  expect(() => refuseRefund.prepare({})).toThrow("refundId");
  expect(() => refuseRefund.prepare({ refundId: "ref_1", destination: "0x1" })).toThrow("destination");
  expect(refuseRefund.prepare({ refundId: "ref_1" }).refuse(unsold())).toBeNull();
});
