import { expect, it } from "vitest";
import { terminateNow } from "../../../../src/products/purchases/repairs/terminate-now.ts";
import { unsold } from "./facts.ts";

it("ends nothing that was not sold, and nothing without its confirmation", () => {
  expect(terminateNow.prepare({ confirm: "pur_1" }).refuse(unsold())).toMatchObject({ code: "repair_not_allowed" });
  expect(() => terminateNow.prepare({})).toThrow("confirm");
});
