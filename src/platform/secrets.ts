import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";

const VERSION = "v1";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The server's 32-byte master key. Everything sealed or derived comes from it; losing it loses them. */
export type MasterKey = Uint8Array;

/** Reads 64 hex digits into a master key. Throws on anything else. */
export function parseMasterKey(hex: string): MasterKey {
  if (!/^[0-9a-fA-F]{64}$/.test(hex)) throw new Error("The master key must be 32 bytes as 64 hex digits.");
  return Buffer.from(hex, "hex");
}

/**
 * 32 bytes that only the master key's holder can compute: HKDF-SHA256 (RFC 5869) with `purpose` as salt and `context` as info. The
 * same inputs always give the same bytes, so a secret can be shown again without being stored.
 */
export function deriveKey(masterKey: MasterKey, purpose: string, context: string): Buffer {
  if (masterKey.length !== 32) throw new Error("The master key must be 32 bytes.");
  return Buffer.from(hkdfSync("sha256", masterKey, `tollkeeper:${purpose}`, context, 32));
}

/**
 * Encrypts a secret for storage: AES-256-GCM under a key derived for `purpose`, which is also authenticated, so a value sealed for
 * one column does not open in another. Returns `v1.<base64url>`; sealing twice gives two texts.
 */
export function sealSecret(masterKey: MasterKey, purpose: string, plaintext: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", deriveKey(masterKey, "seal", purpose), nonce);
  cipher.setAAD(Buffer.from(purpose, "utf8"));
  const sealed = Buffer.concat([nonce, cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `${VERSION}.${sealed.toString("base64url")}`;
}

/** Opens what {@link sealSecret} made. Throws when the key, the purpose or a single bit differs; the message tells nothing more. */
export function openSecret(masterKey: MasterKey, purpose: string, sealed: string): string {
  const [version, encoded = ""] = sealed.split(".", 2);
  const bytes = Buffer.from(encoded, "base64url");
  if (version !== VERSION || bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error("A sealed secret does not open.");
  const decipher = createDecipheriv(
    "aes-256-gcm",
    deriveKey(masterKey, "seal", purpose),
    bytes.subarray(0, NONCE_BYTES),
  );
  decipher.setAAD(Buffer.from(purpose, "utf8"));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    const opened = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES));
    return Buffer.concat([opened, decipher.final()]).toString("utf8");
  } catch {
    throw new Error("A sealed secret does not open.");
  }
}
