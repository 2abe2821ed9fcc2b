import { describe, expect, it } from "vitest";
import { deriveKey, openSecret, parseMasterKey, sealSecret } from "../../src/platform/secrets.ts";

const master = parseMasterKey("ab".repeat(32));

describe("sealed secrets", () => {
  it("open with the same key and purpose to exactly what went in", () => {
    for (const text of ["", "x", "émoji 🎉", "a".repeat(100_000)])
      expect(openSecret(master, "p", sealSecret(master, "p", text))).toBe(text);
  });

  it("never look alike, and show nothing of the text", () => {
    const [one, two] = [sealSecret(master, "p", "secret"), sealSecret(master, "p", "secret")];
    expect(one).not.toBe(two);
    expect(one).toMatch(/^v1\.[A-Za-z0-9_-]+$/);
  });

  it("do not open under another key, another purpose, or with any one byte changed", () => {
    const sealed = sealSecret(master, "p", "secret");
    expect(() => openSecret(parseMasterKey("ac".repeat(32)), "p", sealed)).toThrow("does not open");
    expect(() => openSecret(master, "q", sealed)).toThrow("does not open");
    const bytes = Buffer.from(sealed.slice(3), "base64url");
    for (let position = 0; position < bytes.length; position += 1) {
      const changed = Buffer.from(bytes);
      changed[position] = (changed[position] ?? 0) ^ 1;
      expect(() => openSecret(master, "p", `v1.${changed.toString("base64url")}`)).toThrow("does not open");
    }
    for (const text of ["", "v1.", "v2.abc", "v1.AAAA", sealed.slice(0, -4)])
      expect(() => openSecret(master, "p", text)).toThrow("does not open");
  });
});

describe("derived keys", () => {
  it("are the same for the same inputs and differ for any other; the first is fixed, as shown keys depend on it", () => {
    expect(deriveKey(master, "customer", "pur_1").toString("hex")).toBe(
      deriveKey(master, "customer", "pur_1").toString("hex"),
    );
    const keys = [
      deriveKey(master, "customer", "pur_1"),
      deriveKey(master, "vendor", "pur_1"),
      deriveKey(master, "customer", "pur_2"),
    ];
    expect(new Set(keys.map((key) => key.toString("hex"))).size).toBe(3);
    expect(deriveKey(master, "customer", "pur_1").toString("hex")).toBe(
      "f0e5a5287b7cbe7617212a0cca4f547e93bacaa630c311daca43919d2f23bab3",
    );
  });

  it("need a master key of 32 bytes", () => {
    for (const text of ["", "ab", "zz".repeat(32), "ab".repeat(33)])
      expect(() => parseMasterKey(text)).toThrow("32 bytes");
    expect(() => deriveKey(new Uint8Array(16), "p", "c")).toThrow("32 bytes");
  });
});
