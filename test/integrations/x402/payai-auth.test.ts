import { generateKeyPairSync } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { openPayaiAuth } from "../../../src/integrations/x402/payai-auth.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const secret = `payai_sk_${privateKey.export({ format: "der", type: "pkcs8" }).toString("base64")}`;
const now = Date.now();
const needs = { clock: { now: () => now } };
const tokenOf = (headers: Readonly<Record<string, string>>) => (headers.authorization ?? "").replace("Bearer ", "");

describe("openPayaiAuth", () => {
  it.each([
    ["id and secret in one", { key: `key-1:${secret}` }],
    ["the pair", { keyId: "key-1", keySecret: secret }],
    ["the pair, which wins over an opaque token", { key: "opaque", keyId: "key-1", keySecret: secret }],
  ])("signs a token of 120 seconds from %s, a new one for each call", async (_name, credentials) => {
    const headers = openPayaiAuth(needs, credentials);
    const [first, second] = await Promise.all([headers(), headers()]);
    const { payload } = await jwtVerify(tokenOf(first), publicKey, { issuer: "payai-merchant", subject: "key-1" });
    expect(decodeProtectedHeader(tokenOf(first))).toEqual({ alg: "EdDSA", typ: "JWT", kid: "key-1" });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(120);
    expect(payload.jti).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    expect(decodeJwt(tokenOf(second)).jti).not.toBe(payload.jti);
  });

  it("sends an opaque token as it is, and nothing on the free lane", async () => {
    expect(await openPayaiAuth(needs, { key: "opaque-token" })()).toEqual({ authorization: "Bearer opaque-token" });
    expect(await openPayaiAuth(needs, {})()).toEqual({});
  });

  it.each([
    ["half a pair", { keyId: "key-1" }, "PAYAI_API_KEY_SECRET"],
    ["a secret that is none", { keyId: "key-1", keySecret: "payai_sk_c2VjcmV0LXRoYXQtaXMtbm9uZQ" }, "Ed25519"],
    ["a key of another kind", { key: `key-1:${rsaSecret()}` }, "Ed25519"],
  ])("stops the start for %s, without repeating it", (_name, credentials, hint) => {
    let said = "";
    try {
      openPayaiAuth(needs, credentials);
    } catch (error) {
      said = error instanceof Error ? `${error.message} ${error.stack} ${String(error.cause)}` : "";
    }
    expect(said).toContain(hint);
    for (const value of Object.values(credentials)) {
      if (value.length > 20) expect(said).not.toContain(value.slice(9, 40));
    }
  });
});

function rsaSecret(): string {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return `payai_sk_${pair.privateKey.export({ format: "der", type: "pkcs8" }).toString("base64")}`;
}
