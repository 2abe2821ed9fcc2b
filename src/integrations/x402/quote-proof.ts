import { verifyMessage } from "ethers";
import { isSolanaSignature } from "./solana-signature.ts";

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
    const message = Buffer.from(quoteId, "utf8");
    return isSolanaSignature({ address: payer, message, signature: Buffer.from(signature, "base64") });
  } catch {
    // Not even the form of a signature.
    return false;
  }
}
