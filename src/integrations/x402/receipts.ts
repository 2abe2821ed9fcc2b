import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { CompactSign, type JWK } from "jose";
import { deriveKey, type MasterKey } from "../../platform/secrets.ts";

/** What a receipt proves: who paid what to whom for which resource, in which transaction. Amounts are base units of `asset`. */
export type ReceiptClaims = {
  /** CAIP-2. */
  readonly network: string;
  readonly resourceUrl: string;
  readonly payer: string;
  readonly issuedAt: Date;
  readonly transaction: string;
  readonly asset: string;
  readonly amountUnits: bigint;
  readonly payTo: string;
  readonly paymentId: string;
  readonly sessionId: string | null;
};

/** Signs receipts. `jwks` is the public half, which anybody checks them with. */
export type ReceiptKey = {
  readonly kid: string;
  readonly jwks: { readonly keys: readonly JWK[] };
  /** A compact JWS, the same for the same claims. */
  readonly sign: (claims: ReceiptClaims) => Promise<string>;
};

const RECEIPT_VERSION = 1;
/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410). */
const PKCS8_ED25519 = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * The key receipts are signed with, derived from the master key: every process has the same without storing it. It moves no money, so
 * the API may hold it. The claims are those of x402's offer-receipt extension and what a bookkeeper asks besides, as canonical JSON
 * (RFC 8785); `kid` is the key's thumbprint (RFC 7638).
 */
export function openReceiptKey(input: { readonly masterKey: MasterKey }): ReceiptKey {
  const seed = deriveKey(input.masterKey, "receipts", "ed25519");
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: "der", type: "pkcs8" });
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  const thumbprint = JSON.stringify({ crv: "Ed25519", kty: "OKP", x });
  const kid = createHash("sha256").update(thumbprint).digest("base64url");
  return {
    kid,
    jwks: { keys: [{ kty: "OKP", crv: "Ed25519", x, kid, alg: "EdDSA", use: "sig" }] },
    sign: (claims) => {
      const payload = Buffer.from(canonicalClaims(claims), "utf8");
      return new CompactSign(payload).setProtectedHeader({ alg: "EdDSA", kid }).sign(key);
    },
  };
}

/** Members in the order of their names, without blanks: texts and one number need no more of RFC 8785. */
function canonicalClaims(claims: ReceiptClaims): string {
  const { issuedAt, amountUnits, sessionId, ...texts } = claims;
  const members = {
    ...texts,
    version: RECEIPT_VERSION,
    issuedAt: Math.floor(issuedAt.getTime() / 1000),
    amount: amountUnits.toString(),
    ...(sessionId === null ? {} : { sessionId }),
  };
  return JSON.stringify(Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1))));
}
