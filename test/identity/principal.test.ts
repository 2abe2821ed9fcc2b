import { expect, it } from "vitest";
import { requireSubject } from "../../src/identity/principal.ts";

const notFound = () => new Error("404");

it("lets a key touch what it is for", () => {
  expect(() => requireSubject({ subject: "pur_1" }, "pur_1", notFound)).not.toThrow();
});

it.each(["pur_2", "pur_10", "PUR_1", "", "pur_1 "])("answers %j as if it did not exist", (subject) => {
  expect(() => requireSubject({ subject: "pur_1" }, subject, notFound)).toThrow("404");
});
