import { getBytes, HDNodeWallet, Mnemonic, Wallet } from "ethers";
import { KeystoreUnreadable } from "../errors.ts";
import type { Signer } from "../signer.ts";
import { DEPOSIT_ACCOUNT_PATH, SETTLEMENT_WALLET_PATH, VENDOR_WALLET_PATH } from "./key-ring.ts";
import { openSigner, type SignerSettings } from "./open-signer.ts";

/**
 * Opens the keystore once, at worker start. Takes about a second of CPU. Throws `KeystoreUnreadable` for a wrong file or password.
 */
export async function openKeystoreSigner(
  input: SignerSettings & { readonly keystoreJson: string; readonly password: string },
): Promise<Signer> {
  const { keystoreJson, password, ...rest } = input;
  const root = await decrypt(keystoreJson, password);
  const wallet = new Wallet(root.derivePath(VENDOR_WALLET_PATH).privateKey);
  const vendor = { address: wallet.address, sign: wallet.signTransaction.bind(wallet) };
  const [account, settlement] = [root.derivePath(DEPOSIT_ACCOUNT_PATH), root.derivePath(SETTLEMENT_WALLET_PATH)];
  return openSigner({ ...rest, account, settlement, vendor });
}

/** The BIP-39 seed behind the keystore's mnemonic, for keys of another curve. Only a signer asks. Throws `KeystoreUnreadable`. */
export async function readKeystoreSeed(input: {
  readonly keystoreJson: string;
  readonly password: string;
}): Promise<Uint8Array> {
  const { mnemonic } = await decrypt(input.keystoreJson, input.password);
  if (mnemonic === null) throw new Error("A wallet made from a mnemonic has none.");
  return getBytes(mnemonic.computeSeed());
}

async function decrypt(keystoreJson: string, password: string): Promise<HDNodeWallet> {
  let wallet: unknown;
  try {
    wallet = await Wallet.fromEncryptedJson(keystoreJson, password);
  } catch {
    throw new KeystoreUnreadable(
      "The keystore does not open: the file is not an encrypted keystore, or the password is wrong.",
    );
  }
  if (!(wallet instanceof HDNodeWallet) || wallet.mnemonic === null) {
    throw new KeystoreUnreadable(
      "The keystore holds a single key, not a mnemonic. Make one with: npm run keys -- create",
    );
  }
  return HDNodeWallet.fromMnemonic(Mnemonic.fromEntropy(wallet.mnemonic.entropy), "m");
}
