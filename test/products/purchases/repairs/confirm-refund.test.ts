import { expect, it } from "vitest";
import { confirmRefund } from "../../../../src/products/purchases/repairs/confirm-refund.ts";
import { unsold } from "./facts.ts";

it("names one refund and nothing else, in any state", () => {
  expect(() => confirmRefund.prepare({})).toThrow("refundId");
  expect(() => confirmRefund.prepare({ refundId: "ref_1", destination: "0x1" })).toThrow("destination");
  expect(confirmRefund.prepare({ refundId: "ref_1" }).refuse(unsold())).toBeNull();
});
