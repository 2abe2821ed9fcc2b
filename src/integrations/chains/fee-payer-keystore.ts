import { getBytes, HDNodeWallet } from "ethers";
import { readKeystoreSeed } from "./evm/keystore-signer.ts";
import { derivePrivateKey } from "./solana/private-key-derivation.ts";

/** Beside the vendor's accounts, never one of them, should both keystores hold the same mnemonic. */
const EVM_PATH = "m/44'/60'/2'/0/0";
const SOLANA_PATH = "m/44'/501'/0'/2'";

/** Raw private keys: 32 bytes of secp256k1 and a 32-byte ed25519 seed. */
export type FeePayerKeys = { readonly evm: Uint8Array; readonly solana: Uint8Array };

/**
 * Reads the keys that pay network fees for our own facilitator from its keystore, an encrypted one as `npm run keys -- create` makes it.
 * Only that process asks. Throws `KeystoreUnreadable`.
 */
export async function readFeePayerKeys(keystore: {
  readonly keystoreJson: string;
  readonly password: string;
}): Promise<FeePayerKeys> {
  const seed = await readKeystoreSeed(keystore);
  return {
    evm: getBytes(HDNodeWallet.fromSeed(seed).derivePath(EVM_PATH).privateKey),
    solana: derivePrivateKey(seed, SOLANA_PATH),
  };
}
