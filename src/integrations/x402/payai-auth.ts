import { createPrivateKey, type KeyObject, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import type { Clock } from "../../platform/clock.ts";

const SECRET_PREFIX = "payai_sk_";
const LIFETIME_SECONDS = 120;

/** What the environment says: one key (`id:secret` or an opaque token), or the pair; nothing is PayAI's free lane. */
export type PayaiCredentials = { readonly key?: string; readonly keyId?: string; readonly keySecret?: string };

/**
 * Makes the headers that say who we are to PayAI's facilitator: a JSON Web Token of 120 seconds signed by the key's secret (EdDSA), the
 * opaque token as it is, or nothing. Throws a plain error that names the variable, and never its value, for a pair that is not whole or
 * a secret that is none. Source: PayAI's documentation, "Authentication".
 */
export function openPayaiAuth(
  { clock }: { readonly clock: Clock },
  credentials: PayaiCredentials,
): () => Promise<Readonly<Record<string, string>>> {
  const pair = readPair(credentials);
  if (pair !== undefined) {
    const key = readSecret(pair.secret);
    return async () => ({ authorization: `Bearer ${await signToken({ clock, key }, pair.id)}` });
  }
  const { key: token } = credentials;
  return async () => (token === undefined ? {} : { authorization: `Bearer ${token}` });
}

function readPair({
  key,
  keyId,
  keySecret,
}: PayaiCredentials): { readonly id: string; readonly secret: string } | undefined {
  if (keyId !== undefined && keySecret !== undefined) return { id: keyId, secret: keySecret };
  if (keyId !== undefined || keySecret !== undefined) {
    throw new Error("PAYAI_API_KEY_ID and PAYAI_API_KEY_SECRET belong together: one of them is not set.");
  }
  const colon = key?.indexOf(":") ?? -1;
  if (key === undefined || colon < 0) return undefined;
  return { id: key.slice(0, colon), secret: key.slice(colon + 1) };
}

function readSecret(secret: string): KeyObject {
  const der = Buffer.from(secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret, "base64");
  let key: KeyObject | undefined;
  try {
    key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  } catch {
    // What the parser says may quote the secret.
  }
  if (key?.asymmetricKeyType === "ed25519") return key;
  throw new Error(
    `The secret of PayAI's key is not ${SECRET_PREFIX} and an Ed25519 key in base64 (PAYAI_API_KEY, PAYAI_API_KEY_SECRET).`,
  );
}

function signToken({ clock, key }: { readonly clock: Clock; readonly key: KeyObject }, id: string): Promise<string> {
  const now = Math.floor(clock.now() / 1_000);
  return new SignJWT()
    .setProtectedHeader({ alg: "EdDSA", typ: "JWT", kid: id })
    .setSubject(id)
    .setIssuer("payai-merchant")
    .setIssuedAt(now)
    .setExpirationTime(now + LIFETIME_SECONDS)
    .setJti(randomUUID())
    .sign(key);
}
