import { describe, expect, it } from "vitest";
import { violatedIndex, violates } from "../../../../src/products/access/payments/constraint-violation.ts";

const refused = Object.assign(new Error("duplicate key"), { code: "23505", constraint: "one_per_quote" });

describe("a refusal of a unique index", () => {
  it("names the index, and nothing else does", () => {
    expect(violatedIndex(refused)).toBe("one_per_quote");
    expect(violates(refused, "one_per_quote")).toBe(true);
    expect(violates(refused, "another")).toBe(false);
    expect(violatedIndex(Object.assign(new Error("check"), { code: "23514", constraint: "one_per_quote" }))).toBeNull();
    expect(violatedIndex("23505")).toBeNull();
  });
});
