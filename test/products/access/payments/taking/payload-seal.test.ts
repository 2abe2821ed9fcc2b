import { describe, expect, it } from "vitest";
import { parseMasterKey, sealSecret } from "../../../../../src/platform/secrets.ts";
import { openPayload, sealPayload } from "../../../../../src/products/access/payments/taking/payload-seal.ts";

const masterKey = parseMasterKey("5e".repeat(32));
const call = {
  x402Version: 2,
  paymentPayload: { x402Version: 2, payload: { transaction: "AQID" }, accepted: { scheme: "exact" } },
  paymentRequirements: { scheme: "exact", amount: "100000" },
} as const;

describe("the payload of a payment", () => {
  it("is kept word for word and unreadable without the master key", () => {
    const sealed = sealPayload({ masterKey }, call);
    expect(sealed).not.toContain("AQID");
    expect(openPayload({ masterKey }, sealed)).toEqual(call);
    expect(() => openPayload({ masterKey: parseMasterKey("5f".repeat(32)) }, sealed)).toThrow();
  });

  it.each([
    ["[]"],
    ["{}"],
    [JSON.stringify({ ...call, x402Version: 3 })],
    [JSON.stringify({ ...call, paymentPayload: null })],
  ])("is nothing else: %s", (text) => {
    const sealed = sealSecret(masterKey, "x402-payload", text);
    expect(() => openPayload({ masterKey }, sealed)).toThrow("sealed payload");
  });
});
