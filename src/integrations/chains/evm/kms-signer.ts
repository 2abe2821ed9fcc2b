import { createPublicKey } from "node:crypto";
import {
  computeAddress,
  getBytes,
  HDNodeWallet,
  hexlify,
  Mnemonic,
  recoverAddress,
  Signature,
  Transaction,
} from "ethers";
import { KeystoreUnreadable } from "../errors.ts";
import type { Signer } from "../signer.ts";
import { DEPOSIT_ACCOUNT_PATH, SETTLEMENT_WALLET_PATH } from "./key-ring.ts";
import { openSigner, type SignerSettings, type TransactionKey } from "./open-signer.ts";

/** The order of secp256k1; a signature's `s` above half of it is one the network refuses (EIP-2). */
const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** What is asked of a key service; DER bytes. `integrations/aws/key-vault.ts` is one. */
export type DigestSigner = {
  readPublicKey(keyId: string): Promise<Uint8Array>;
  signDigest(keyId: string, digest: Uint8Array): Promise<Uint8Array>;
  decrypt(ciphertext: Uint8Array): Promise<Uint8Array>;
};

/**
 * Opens a signer whose vendor wallet is a secp256k1 key inside a key service and never here, and whose deposit mnemonic is stored
 * encrypted under one and decrypted once, at start, into closures. Signatures differ from one time to the next; bytes are stored before
 * they are sent, and the first stored win. Throws `KeystoreUnreadable` for what is no mnemonic, and what the key service throws.
 */
export async function openKmsSigner(
  input: SignerSettings & {
    readonly vault: DigestSigner;
    readonly vendorKeyId: string;
    /** The twelve or more words, encrypted under a key of the service. */
    readonly mnemonicCiphertext: Uint8Array;
  },
): Promise<Signer> {
  const { vault, vendorKeyId, mnemonicCiphertext, ...settings } = input;
  const root = openMnemonic(await vault.decrypt(mnemonicCiphertext));
  const vendor = await openVendorKey(vault, vendorKeyId);
  const [account, settlement] = [root.derivePath(DEPOSIT_ACCOUNT_PATH), root.derivePath(SETTLEMENT_WALLET_PATH)];
  return openSigner({ ...settings, vendor, account, settlement });
}

async function openVendorKey(vault: DigestSigner, keyId: string): Promise<TransactionKey> {
  const address = addressOf(await vault.readPublicKey(keyId));
  return {
    address,
    sign: async (unsigned) => {
      const transaction = Transaction.from(unsigned);
      const digest = transaction.unsignedHash;
      transaction.signature = recoverable(await vault.signDigest(keyId, getBytes(digest)), { digest, address });
      return transaction.serialized;
    },
  };
}

/** The address of a key given as SubjectPublicKeyInfo. Throws `KeystoreUnreadable` unless it is of secp256k1. */
export function addressOf(publicKey: Uint8Array): string {
  const { crv, x, y } = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" }).export({
    format: "jwk",
  });
  if (crv !== "secp256k1" || x === undefined || y === undefined) {
    throw new KeystoreUnreadable("The vendor wallet's key in the key service is not one of the curve secp256k1.");
  }
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
  return computeAddress(hexlify(point));
}

/** A DER signature as Ethereum wants it: the smaller `s`, and which of the two keys it recovers to. Throws when it is of another key. */
function recoverable(der: Uint8Array, input: { readonly digest: string; readonly address: string }): Signature {
  const [r, high] = readDer(der);
  const s = high > CURVE_ORDER / 2n ? CURVE_ORDER - high : high;
  for (const v of [27, 28]) {
    const candidate = Signature.from({ r: word(r), s: word(s), v });
    if (recoverAddress(input.digest, candidate) === input.address) return candidate;
  }
  throw new Error("The key service signed with another key than the vendor wallet's.");
}

/** SEQUENCE { INTEGER r, INTEGER s }, shorter than 128 bytes. Source: X.690, SEC 1 C.5. */
function readDer(der: Uint8Array): readonly [bigint, bigint] {
  const bytes = Buffer.from(der);
  const malformed = new Error("The key service answered no ECDSA signature.");
  if (bytes[0] !== 0x30 || bytes[1] !== bytes.length - 2) throw malformed;
  const readInteger = (at: number): { readonly value: bigint; readonly end: number } => {
    const length = bytes[at + 1] ?? 0;
    const end = at + 2 + length;
    if (bytes[at] !== 0x02 || length === 0 || end > bytes.length) throw malformed;
    return { value: BigInt(`0x${bytes.subarray(at + 2, end).toString("hex")}`), end };
  };
  const r = readInteger(2);
  const s = readInteger(r.end);
  if (s.end !== bytes.length) throw malformed;
  return [r.value, s.value];
}

function word(value: bigint): string {
  return `0x${value.toString(16).padStart(64, "0")}`;
}

function openMnemonic(plaintext: Uint8Array): HDNodeWallet {
  const words = Buffer.from(plaintext).toString("utf8").trim();
  if (!Mnemonic.isValidMnemonic(words)) {
    throw new KeystoreUnreadable("What the key service decrypted is no mnemonic.");
  }
  return HDNodeWallet.fromMnemonic(Mnemonic.fromPhrase(words), "m");
}
