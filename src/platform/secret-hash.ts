import { hash, timingSafeEqual } from "node:crypto";

/** SHA-256 of a secret with 256 bits of its own entropy; such secrets need no salt and no slow hash. 32 bytes. */
export function hashSecret(secret: string): Buffer {
  return hash("sha256", secret, "buffer");
}

/** The same hash as a map key, base64. */
export function secretDigest(secret: string): string {
  return hash("sha256", secret, "base64");
}

/** Whether two secrets are equal, in time that depends on neither: their SHA-256 digests are compared, so lengths do not show. */
export function secretsEqual(left: string, right: string): boolean {
  return timingSafeEqual(hashSecret(left), hashSecret(right));
}
