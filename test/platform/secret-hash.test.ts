import { describe, expect, it } from "vitest";
import { hashSecret, secretDigest, secretsEqual } from "../../src/platform/secret-hash.ts";

describe("A17: secretsEqual", () => {
  it("compares digests of one length, so that neither a common beginning nor a length can be timed", () => {
    expect(secretsEqual("operator-token", "operator-token")).toBe(true);
    for (const wrong of ["", "operator-tokeN", "operator-token ", "Operator-token", "o".repeat(100_000)]) {
      expect(secretsEqual("operator-token", wrong)).toBe(false);
    }
    expect(hashSecret("").length).toBe(hashSecret("x".repeat(1000)).length);
    expect(secretDigest("abc")).toBe(hashSecret("abc").toString("base64"));
    expect(hashSecret("abc").toString("hex")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});
