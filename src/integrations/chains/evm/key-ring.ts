import { createHash } from "node:crypto";
import { HDNodeVoidWallet, HDNodeWallet } from "ethers";
import type { KeyRing } from "../key-ring.ts";

/** Where deposit keys live: the account-level xpub is of this path, addresses are `/0/<index>` under it. BIP-44. */
export const DEPOSIT_ACCOUNT_PATH = "m/44'/60'/0'";

/** The gas tank's own account. Hardened apart from the deposit keys, so a leaked deposit key and the xpub do not reach it. */
export const VENDOR_WALLET_PATH = "m/44'/60'/1'/0/0";

/** Takes payments for merchants in custodial mode: an account beside the deposit keys and the gas tank, reached from neither. */
export const SETTLEMENT_WALLET_PATH = "m/44'/60'/2'/0/0";

/**
 * Opens the public half of a key ring: enough to give out addresses, unable to spend. `xpub` is at account level, from
 * `npm run keys -- create`. An extended private key is refused, so a process that must hold none cannot be given one by mistake.
 */
export function openKeyRing(xpub: string): KeyRing {
  const account = parseXpub(xpub);
  const external = account.deriveChild(0);
  return {
    id: keyRingId(xpub),
    kind: "evm",
    fingerprint: fingerprint(xpub),
    deriveAddress: (index) => external.deriveChild(index).address,
  };
}

/** The id of the key ring with this xpub: the same mnemonic always gives the same ring. */
export function keyRingId(xpub: string): string {
  return `kr_${fingerprint(xpub).slice(0, 24)}`;
}

function fingerprint(xpub: string): string {
  return createHash("sha256").update(xpub).digest("hex");
}

function parseXpub(xpub: string): HDNodeVoidWallet {
  const malformed = new Error("The deposit xpub is not an account-level extended public key (xpub...).");
  if (!xpub.startsWith("xpub")) throw malformed;
  let account: HDNodeWallet | HDNodeVoidWallet;
  try {
    account = HDNodeWallet.fromExtendedKey(xpub);
  } catch {
    throw malformed;
  }
  if (!(account instanceof HDNodeVoidWallet) || account.depth !== 3) throw malformed;
  return account;
}
