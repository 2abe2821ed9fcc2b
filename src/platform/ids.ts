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
