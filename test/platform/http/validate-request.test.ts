import { describe, expect, it } from "vitest";
import { z } from "zod";
import { InvalidRequest, MalformedUrl } from "../../../src/platform/http/errors.ts";
import { parseQuery, validatePart } from "../../../src/platform/http/validate-request.ts";

function refusalOf(schema: z.ZodType, value: unknown): InvalidRequest {
  try {
    validatePart(schema, "body", value);
  } catch (failure) {
    if (failure instanceof InvalidRequest) return failure;
  }
  throw new Error("it was not refused");
}

describe("validatePart", () => {
  it("gives what the schema makes of the value", () => {
    expect(validatePart(z.object({ n: z.coerce.number() }), "query", { n: "5", extra: 1 })).toEqual({ n: 5 });
  });

  it("writes paths a caller can find: members, positions, and odd names quoted", () => {
    const schema = z.object({ a: z.array(z.object({ b: z.string() })), "x y": z.string() });
    expect(refusalOf(schema, { a: [{ b: "1" }, { b: 2 }], "x y": 3 }).members.issues).toMatchObject([
      { path: "body.a[1].b" },
      { path: 'body["x y"]' },
    ]);
  });

  it("lists at most 20 issues and repeats no value", () => {
    const refusal = refusalOf(z.array(z.number()), new Array(1000).fill("hunter2"));
    expect(refusal.members.issues).toHaveLength(20);
    expect(JSON.stringify(refusal.members) + refusal.message).not.toContain("hunter2");
  });

  it("refuses numbers that are none", () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, "5", "٥", null])
      expect(refusalOf(z.number(), value).status).toBe(400);
  });
});

describe("parseQuery", () => {
  it("reads single and repeated members", () => {
    expect(parseQuery("a=1&b=2&b=3&c&d=%20x+y")).toEqual({ a: "1", b: ["2", "3"], c: "", d: " x y" });
    expect(parseQuery("")).toEqual({});
  });

  it("refuses what does not decode and ignores __proto__", () => {
    for (const search of ["a=%", "a=%zz", "%c3%28=1"]) expect(() => parseQuery(search)).toThrow(MalformedUrl);
    expect(Object.keys(parseQuery("__proto__=1&a=2"))).toEqual(["a"]);
  });
});
