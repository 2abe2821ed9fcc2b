import { GetObjectLegalHoldCommand, GetObjectRetentionCommand } from "@aws-sdk/client-s3";
import type { LockedVersion } from "./bucket-contents.ts";
import type { BucketNeeds } from "./bucket-ownership.ts";
import { attempt } from "./service-failure.ts";

/** What keeps versions: the latest end of their retention in ISO 8601, null without any, and how many are under a legal hold. */
export type ObjectLocks = { readonly retainUntil: string | null; readonly legalHolds: number };

const NO_LOCK = ["NoSuchObjectLockConfiguration", "NoSuchKey", "NoSuchVersion", "MethodNotAllowed"];

/** Reads the locks of these versions, one after the other; a version that is gone has none. Failures as of every read. */
export async function readLocks(
  needs: BucketNeeds,
  input: { readonly bucket: string; readonly versions: readonly LockedVersion[] },
): Promise<ObjectLocks> {
  let retainUntil: Date | null = null;
  let legalHolds = 0;
  for (const { key, versionId } of input.versions) {
    const version = { Bucket: input.bucket, Key: key, ...(versionId === "null" ? {} : { VersionId: versionId }) };
    const until = await readRetention(needs, version);
    if (until !== undefined && (retainUntil === null || until > retainUntil)) retainUntil = until;
    if (await isHeld(needs, version)) legalHolds += 1;
  }
  return { retainUntil: retainUntil?.toISOString() ?? null, legalHolds };
}

type VersionKey = { readonly Bucket: string; readonly Key: string; readonly VersionId?: string };

async function readRetention(needs: BucketNeeds, version: VersionKey): Promise<Date | undefined> {
  const action = `read the retention of a version in bucket ${version.Bucket}`;
  const answer = await attempt(action, () => needs.s3.send(new GetObjectRetentionCommand(version)), NO_LOCK);
  return answer?.Retention?.RetainUntilDate;
}

async function isHeld(needs: BucketNeeds, version: VersionKey): Promise<boolean> {
  const action = `read the legal hold of a version in bucket ${version.Bucket}`;
  const answer = await attempt(action, () => needs.s3.send(new GetObjectLegalHoldCommand(version)), NO_LOCK);
  return answer?.LegalHold?.Status === "ON";
}
