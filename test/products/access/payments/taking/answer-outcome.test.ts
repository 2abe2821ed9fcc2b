import { describe, expect, it } from "vitest";
import { readAccessRequest } from "../../../../../src/products/access/payments/taking/answer-outcome.ts";

describe("what a paid request brings", () => {
  it("is nothing where it says nothing, and its sign-in and key where it has them", () => {
    const nothing = { presented: null, idempotencyKey: null, signInHeader: null };
    expect(readAccessRequest({}, { wanted: {}, idempotencyKey: undefined })).toMatchObject(nothing);
    const read = readAccessRequest({ "sign-in-with-x": "abc" }, { wanted: { units: 2 }, idempotencyKey: "k" });
    expect(read).toEqual({ wanted: { units: 2 }, presented: null, idempotencyKey: "k", signInHeader: "abc" });
  });
});
