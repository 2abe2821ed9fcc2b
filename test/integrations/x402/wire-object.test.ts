import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DomainError } from "../../../src/errors.ts";
import type { WireObject } from "../../../src/integrations/x402/facilitator.ts";
import {
  decodeWireObject,
  encodeWireObject,
  objectMember,
  textMember,
} from "../../../src/integrations/x402/wire-object.ts";

describe("decodeWireObject", () => {
  it("reads back whatever was written", () => {
    const member = fc.string({ unit: "binary" }).filter((name) => name !== "__proto__");
    fc.assert(
      fc.property(
        fc.dictionary(member, fc.oneof(fc.string({ unit: "binary" }), fc.integer(), fc.boolean())),
        (object) => {
          const wire: WireObject = JSON.parse(JSON.stringify(object));
          expect(decodeWireObject("X-PAYMENT", encodeWireObject(wire))).toEqual(wire);
        },
      ),
    );
  });

  it("answers any other text with a refusal of its own, never with a failure", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String()), (text) => {
        try {
          expect(typeof decodeWireObject("X-PAYMENT", text)).toBe("object");
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
          expect(error).toMatchObject({ status: 400, code: "payment_header_malformed" });
        }
      }),
    );
  });

  it("says what is wrong without repeating what was sent", () => {
    const sent = Buffer.from('{"secret": "qs_1"').toString("base64");
    expect(() => decodeWireObject("X-PAYMENT", sent)).toThrow(
      /^X-PAYMENT must hold a JSON object in base64\. It is not valid JSON\.$/,
    );
  });
});

describe("objectMember and textMember", () => {
  it("know only an object's own members", () => {
    const object: WireObject = { a: {}, b: "text", c: [], d: null };
    expect([objectMember(object, "a"), objectMember(object, "constructor"), objectMember(object, "b")]).toEqual([
      {},
      undefined,
      undefined,
    ]);
    expect([objectMember(object, "c"), objectMember(object, "d")]).toEqual([undefined, undefined]);
    expect([textMember(object, "b"), textMember(object, "a"), textMember(object, "toString")]).toEqual([
      "text",
      undefined,
      undefined,
    ]);
  });
});
