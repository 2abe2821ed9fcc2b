import { createPublicKey, verify } from "node:crypto";
import { PublicKey } from "@solana/web3.js";
import { verifyMessage } from "ethers";

const ED25519_BYTES = 64;

/**
 * Whether a text is the payer's signature over a quote's id, as wallets sign messages: ERC-191 `personal_sign` in hexadecimal, or Ed25519
 * over the id's bytes in base64 or base64url. It moves nothing and is good for this one quote.
 */
export function isSignedByPayer(input: {
  readonly payer: string;
  readonly quoteId: string;
  readonly signature: string;
}): boolean {
  const { payer, quoteId, signature } = input;
  try {
    if (payer.startsWith("0x")) return verifyMessage(quoteId, signature).toLowerCase() === payer.toLowerCase();
    const bytes = Buffer.from(signature, "base64");
    if (bytes.length !== ED25519_BYTES) return false;
    const x = Buffer.from(new PublicKey(payer).toBytes()).toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return verify(null, Buffer.from(quoteId, "utf8"), key, bytes);
  } catch {
    // Not even the form of a signature.
    return false;
  }
}
