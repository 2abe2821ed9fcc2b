import { encryptKeystoreJson, HDNodeWallet, Mnemonic, randomBytes } from "ethers";
import { DEPOSIT_ACCOUNT_PATH, keyRingId, VENDOR_WALLET_PATH } from "./key-ring.ts";

/** scrypt's cost: `standard` takes about a second, `light` a few milliseconds and is for throw-away chains only. */
export type KeystoreStrength = "standard" | "light";

/** A new keystore and the public values the API process needs. `mnemonic` is for the owner's paper, never for a log. */
export type CreatedKeystore = {
  readonly keystoreJson: string;
  readonly depositXpub: string;
  readonly keyRingId: string;
  readonly vendorWalletAddress: string;
  readonly mnemonic: string;
};

/**
 * Makes an encrypted keystore (Web3 Secret Storage v3 with the mnemonic extension) from a given mnemonic or 256 new random bits.
 * Throws a plain error for an invalid mnemonic or a password under 12 characters.
 */
export async function createKeystore(input: {
  readonly mnemonic?: string;
  readonly password: string;
  readonly strength?: KeystoreStrength;
}): Promise<CreatedKeystore> {
  if (input.password.length < 12) throw new Error("The keystore's password must have at least 12 characters.");
  const mnemonic = readMnemonic(input.mnemonic);
  const root = HDNodeWallet.fromMnemonic(mnemonic, "m");
  const depositXpub = root.derivePath(DEPOSIT_ACCOUNT_PATH).neuter().extendedKey;
  const vendorWallet = root.derivePath(VENDOR_WALLET_PATH);
  const account = {
    address: vendorWallet.address,
    privateKey: vendorWallet.privateKey,
    mnemonic: { path: VENDOR_WALLET_PATH, locale: "en", entropy: mnemonic.entropy },
  };
  const N = input.strength === "light" ? 2 ** 10 : 2 ** 17;
  const keystoreJson = await encryptKeystoreJson(account, input.password, { scrypt: { N, r: 8, p: 1 } });
  return {
    keystoreJson,
    depositXpub,
    keyRingId: keyRingId(depositXpub),
    vendorWalletAddress: vendorWallet.address,
    mnemonic: mnemonic.phrase,
  };
}

function readMnemonic(phrase: string | undefined): Mnemonic {
  if (phrase === undefined) return Mnemonic.fromEntropy(randomBytes(32));
  if (!Mnemonic.isValidMnemonic(phrase)) throw new Error("The mnemonic is not a valid BIP-39 phrase.");
  return Mnemonic.fromPhrase(phrase);
}
