import { createKeyPairSignerFromPrivateKeyBytes, type KeyPairSigner } from "@solana/kit";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";

/** The wallets that pay network fees: they sign what puts a payer's own signed transfer on chain, and hold no tokens. */
export type FeePayers = { readonly evm: PrivateKeyAccount; readonly solana: KeyPairSigner };

/** Opens the fee payers from their raw keys: 32 bytes of secp256k1 and a 32-byte ed25519 seed. Nothing of them can be read back. */
export async function openFeePayers(keys: {
  readonly evm: Uint8Array;
  readonly solana: Uint8Array;
}): Promise<FeePayers> {
  return {
    evm: privateKeyToAccount(`0x${Buffer.from(keys.evm).toString("hex")}`),
    solana: await createKeyPairSignerFromPrivateKeyBytes(keys.solana),
  };
}
