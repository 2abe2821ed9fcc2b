import { createHash } from "node:crypto";

const MAX_NAME = 63;
const DIGEST_LENGTH = 12;

/**
 * The one bucket (and storage user) name of a purchase: `tk-<readable part of the id>-<12 hex digits of its SHA-256>`.
 * At most 63 characters of [a-z0-9-], valid for S3 and IAM. The digest keeps ids apart that differ only in letter case or
 * beyond the readable part, so a retry always meets the same bucket and two purchases never do.
 */
export function bucketName(purchaseId: string): string {
  const digest = createHash("sha256").update(purchaseId).digest("hex").slice(0, DIGEST_LENGTH);
  const room = MAX_NAME - "tk--".length - DIGEST_LENGTH;
  const readable = purchaseId
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, room)
    .replace(/^-+|-+$/g, "");
  return readable === "" ? `tk-${digest}` : `tk-${readable}-${digest}`;
}
