import { createPublicKey, verify } from "node:crypto";
import { PublicKey } from "@solana/web3.js";

const ED25519_BYTES = 64;

/** Whether 64 bytes are a wallet's Ed25519 signature over a message. False for anything malformed. */
export function isSolanaSignature(input: {
  readonly address: string;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}): boolean {
  const { address, message, signature } = input;
  if (signature.length !== ED25519_BYTES) return false;
  try {
    const x = Buffer.from(new PublicKey(address).toBytes()).toString("base64url");
    return verify(null, message, createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }), signature);
  } catch {
    // Not an address.
    return false;
  }
}
