import { verifyReceiptSignatureJWS } from "@x402/extensions/offer-receipt";
import { calculateJwkThumbprint, compactVerify, createLocalJWKSet, decodeProtectedHeader } from "jose";
import { describe, expect, it } from "vitest";
import { openReceiptKey, type ReceiptClaims } from "../../../src/integrations/x402/receipts.ts";
import { RESOURCE_URL } from "./offers.ts";

const masterKey = new Uint8Array(32).fill(1);
const key = openReceiptKey({ masterKey });
const CLAIMS: ReceiptClaims = {
  network: "eip155:8453",
  resourceUrl: RESOURCE_URL,
  payer: "0xpayer",
  issuedAt: new Date("2026-11-21T12:00:00.900Z"),
  transaction: "0xabc",
  asset: "0xasset",
  amountUnits: 2n ** 60n,
  payTo: "0xmerchant",
  paymentId: "apy_1",
  sessionId: "ses_1",
};

describe("openReceiptKey", () => {
  it("signs what anybody can check by the published key alone", async () => {
    const jws = await key.sign(CLAIMS);
    const { payload, protectedHeader } = await compactVerify(jws, createLocalJWKSet({ keys: [...key.jwks.keys] }));
    expect(protectedHeader).toEqual({ alg: "EdDSA", kid: key.kid });
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual({
      version: 1,
      network: "eip155:8453",
      resourceUrl: RESOURCE_URL,
      payer: "0xpayer",
      issuedAt: Date.UTC(2026, 10, 21, 12) / 1000,
      transaction: "0xabc",
      asset: "0xasset",
      amount: "1152921504606846976",
      payTo: "0xmerchant",
      paymentId: "apy_1",
      sessionId: "ses_1",
    });
  });

  it("signs what x402's offer-receipt clients check", async () => {
    const [jwk] = key.jwks.keys;
    if (jwk === undefined) throw new Error("There is a key.");
    const receipt = { format: "jws" as const, signature: await key.sign(CLAIMS) };
    const published: Parameters<typeof verifyReceiptSignatureJWS>[1] = JSON.parse(JSON.stringify(jwk));
    expect(await verifyReceiptSignatureJWS(receipt, published)).toMatchObject({ payer: "0xpayer", version: 1 });
  });

  it("refuses a receipt with one claim changed", async () => {
    const [head, , signature] = (await key.sign(CLAIMS)).split(".");
    const [, forged] = (await key.sign({ ...CLAIMS, amountUnits: 1n })).split(".");
    const keys = createLocalJWKSet({ keys: [...key.jwks.keys] });
    await expect(compactVerify(`${head}.${forged}.${signature}`, keys)).rejects.toThrow(
      "signature verification failed",
    );
  });

  it("is the same in every process, and another under another master key", async () => {
    const again = openReceiptKey({ masterKey: Uint8Array.from(masterKey) });
    expect(await again.sign(CLAIMS)).toBe(await key.sign(CLAIMS));
    expect(openReceiptKey({ masterKey: new Uint8Array(32).fill(2) }).kid).not.toBe(key.kid);
  });

  it("names the key by its thumbprint and publishes no private half", async () => {
    const [jwk] = key.jwks.keys;
    expect(key.kid).toBe(await calculateJwkThumbprint(jwk ?? {}));
    expect(Object.keys(jwk ?? {}).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x"]);
  });

  it("writes canonical JSON: members in order, no blanks, no session where there is none", async () => {
    const [, payload = ""] = (await key.sign({ ...CLAIMS, sessionId: null })).split(".");
    const text = Buffer.from(payload, "base64url").toString("utf8");
    const names = Object.keys(JSON.parse(text));
    expect(names).toEqual([...names].sort());
    expect(names).not.toContain("sessionId");
    expect(text).toBe(JSON.stringify(JSON.parse(text)));
    expect(decodeProtectedHeader(await key.sign(CLAIMS)).alg).toBe("EdDSA");
  });
});
