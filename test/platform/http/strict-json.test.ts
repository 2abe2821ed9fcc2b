import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MalformedJson } from "../../../src/platform/http/errors.ts";
import { parseStrictJson } from "../../../src/platform/http/strict-json.ts";

const parse = (text: string) => parseStrictJson(Buffer.from(text, "utf8"));

describe("parseStrictJson", () => {
  it("reads every JSON value exactly as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        fc.pre(!text.includes("__proto__"));
        expect(parse(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("refuses whatever JSON.parse refuses, as malformed", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'{}[]",:\\0123456789.eE+-truefalsn \n\u00e9'.split("")) }),
        (text) => {
          let isJson = true;
          try {
            JSON.parse(text);
          } catch {
            isJson = false;
          }
          if (!isJson) expect(() => parse(text)).toThrow(MalformedJson);
        },
      ),
    );
  });

  it("A12: refuses a document 100,000 levels deep, at once", () => {
    const started = performance.now();
    for (const [open, close] of [
      ["[", "]"],
      ['{"a":', "}"],
    ] as const) {
      expect(() => parse(open.repeat(100_000) + close.repeat(100_000))).toThrow("deeper than 64");
    }
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it("accepts 64 levels and refuses 65", () => {
    expect(() => parse("[".repeat(64) + "]".repeat(64))).not.toThrow();
    expect(() => parse("[".repeat(65) + "]".repeat(65))).toThrow(MalformedJson);
  });

  it("A12: refuses a duplicate member however it is spelled, at any depth, and only within one object", () => {
    for (const text of ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '[{"b":{"a":1, "a" :2}}]', '{"":1,"":2}']) {
      expect(() => parse(text)).toThrow("twice");
    }
    expect(parse('{"a":{"a":1},"b":[{"a":1},{"a":2}],"c":"\\"a\\":"}')).toEqual({
      a: { a: 1 },
      b: [{ a: 1 }, { a: 2 }],
      c: '"a":',
    });
  });

  it("A10: refuses a member named __proto__, plain or escaped, and leaves prototypes alone", () => {
    for (const text of ['{"__proto__":{"isAdmin":true}}', '{"a":[{"\\u005f_proto__":1}]}'])
      expect(() => parse(text)).toThrow("__proto__");
    expect(Reflect.get({}, "isAdmin")).toBeUndefined();
    expect(parse('["__proto__"]')).toEqual(["__proto__"]);
  });

  it("A12: skips one leading byte order mark and refuses one inside", () => {
    expect(parse("\ufeff{}")).toEqual({});
    expect(() => parse("\ufeff\ufeff{}")).toThrow(MalformedJson);
    expect(() => parse("{\ufeff}")).toThrow(MalformedJson);
  });

  it("refuses numbers a double cannot hold, and no others", () => {
    for (const text of ["1e400", "-1e400", `[${"9".repeat(400)}]`]) expect(() => parse(text)).toThrow("too large");
    expect(parse('[1e308,5e-324,-0,"1e400"]')).toEqual([1e308, 5e-324, -0, "1e400"]);
    expect(() => parse("NaN")).toThrow(MalformedJson);
  });

  it("refuses bytes that are not UTF-8", () => {
    expect(() => parseStrictJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow("not UTF-8");
    expect(() => parseStrictJson(Buffer.from('{"a":1}', "utf16le"))).toThrow(MalformedJson);
    expect(() => parseStrictJson(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]))).toThrow("not UTF-8");
  });

  it("stays linear on strings made of escapes", () => {
    const started = performance.now();
    parse(`{"${'\\"'.repeat(200_000)}":"${"\\\\".repeat(200_000)}"}`);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
