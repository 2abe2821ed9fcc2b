import { randomBytes } from "node:crypto";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 26;

/**
 * A new identifier such as `pur_01k9...`: the prefix, 50 bits of milliseconds (so indexes stay local and ids sort by age), then
 * 130 random bits. Crockford base 32, lower case. Not a secret: use `randomSecret` for what must not be guessed.
 */
export function newId(prefix: string, now: number = Date.now()): string {
  return `${prefix}_${encodeTime(now)}${randomCharacters(RANDOM_CHARACTERS)}`;
}

/** An unguessable token: the prefix and 256 random bits, base64url (43 characters). */
export function randomSecret(prefix: string): string {
  return `${prefix}_${randomBytes(32).toString("base64url")}`;
}

function encodeTime(milliseconds: number): string {
  let rest = Math.floor(milliseconds);
  let text = "";
  for (let position = 0; position < TIME_CHARACTERS; position += 1) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function randomCharacters(count: number): string {
  let text = "";
  for (const byte of randomBytes(count)) text += ALPHABET.charAt(byte % 32);
  return text;
}

/** A new UUID of version 7 (RFC 9562): 48 bits of milliseconds, so ids sort by age, then 74 random bits. Not a secret. */
export function newUuid(now: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
