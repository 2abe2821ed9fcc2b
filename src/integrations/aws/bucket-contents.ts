import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectLockConfigurationCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type _Error as S3Failure,
} from "@aws-sdk/client-s3";
import type { BucketNeeds } from "./bucket-ownership.ts";
import { attempt } from "./service-failure.ts";

/** S3's own limit for one listing. */
const PAGE = 1000;
/** A page is deleted in parallel parts of about this size: faster, and no call comes near its timeout on a slow disk. */
const DELETE_BATCH = 250;
const PARALLEL_ABORTS = 8;

/** One page dealt with: how many things were listed, how many of each kind are gone, and which versions are locked. */
export type ClearedPage = {
  readonly found: number;
  readonly versions: number;
  readonly markers: number;
  readonly uploads: number;
  readonly locked: readonly LockedVersion[];
};

/** One version that Object Lock keeps. */
export type LockedVersion = { readonly key: string; readonly versionId: string };

type Version = { readonly Key: string; readonly VersionId: string; readonly marker: boolean };
type Cursor = { readonly KeyMarker?: string | undefined; readonly VersionIdMarker?: string | undefined };

/**
 * Walks the bucket once from its first key, removing versions and delete markers page by page, then unfinished uploads. One page is
 * under way at a time, so that is all a kill can leave unanswered. What fails to go stays listed for the next walk; only versions under
 * Object Lock are named.
 */
export async function* clearPages(needs: BucketNeeds, bucket: string): AsyncGenerator<ClearedPage> {
  yield* clearVersions(needs, bucket);
  yield* clearUploads(needs, bucket);
}

/**
 * A page that went whole is followed by another look at the same place: versitygw finds nothing behind a key that is gone, and would
 * have the whole walk begin again after every page. A store that lists the same things again although they went is left behind.
 */
async function* clearVersions(needs: BucketNeeds, bucket: string): AsyncGenerator<ClearedPage> {
  let cursor: Cursor | undefined = {};
  let first: Version | undefined;
  while (cursor !== undefined) {
    const { items, next } = await listVersions(needs, bucket, cursor);
    const isRepeated = items[0]?.Key === first?.Key && items[0]?.VersionId === first?.VersionId;
    first = items[0];
    const cleared = items.length === 0 ? undefined : await deleteVersions(needs, bucket, items);
    if (cleared !== undefined) yield cleared;
    const isGone = cleared !== undefined && cleared.versions + cleared.markers === items.length;
    if (next === undefined || !isGone || isRepeated) cursor = next;
  }
}

async function listVersions(
  needs: BucketNeeds,
  bucket: string,
  cursor: Cursor,
): Promise<{ readonly items: readonly Version[]; readonly next: Cursor | undefined }> {
  const query = new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: PAGE, ...cursor });
  const page = await attempt(`list the versions in bucket ${bucket}`, () => needs.s3.send(query), ["NoSuchBucket"]);
  const found = [
    ...(page?.Versions ?? []).map((version) => ({ ...version, marker: false })),
    ...(page?.DeleteMarkers ?? []).map((marker) => ({ ...marker, marker: true })),
  ];
  const items = found.flatMap(({ Key, VersionId, marker }) =>
    Key === undefined ? [] : [{ Key, VersionId: VersionId ?? "null", marker }],
  );
  const next =
    page?.IsTruncated === true && page.NextKeyMarker !== undefined
      ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
      : undefined;
  return { items, next };
}

async function deleteVersions(needs: BucketNeeds, bucket: string, items: readonly Version[]): Promise<ClearedPage> {
  const batches = batchesByKey(items);
  const failures = (await Promise.all(batches.map((batch) => deleteBatch(needs, bucket, batch)))).flat();
  const kept = new Set(failures.map(({ Key, VersionId }) => `${VersionId ?? "null"} ${Key}`));
  const gone = items.filter(({ Key, VersionId }) => !kept.has(`${VersionId} ${Key}`));
  const refused = failures.filter(({ Code }) => Code === "AccessDenied" || Code === "InvalidRequest");
  const locked = refused.length > 0 && (await locksObjects(needs, bucket));
  return {
    found: items.length,
    versions: gone.filter(({ marker }) => !marker).length,
    markers: gone.filter(({ marker }) => marker).length,
    uploads: 0,
    locked: locked ? refused.map(({ Key, VersionId }) => ({ key: Key ?? "", versionId: VersionId ?? "null" })) : [],
  };
}

/**
 * Splits a page so that all versions of a key are in one batch: versitygw moves an older version up when the current one goes,
 * and two calls at once on the same key could leave one behind.
 */
function batchesByKey(items: readonly Version[]): readonly (readonly Version[])[] {
  const byKey = new Map<string, Version[]>();
  for (const item of items) {
    const versions = byKey.get(item.Key) ?? [];
    versions.push(item);
    byKey.set(item.Key, versions);
  }
  const batches: Version[][] = [];
  for (const versions of byKey.values()) {
    const last = batches.at(-1);
    if (last !== undefined && last.length + versions.length <= DELETE_BATCH) last.push(...versions);
    else batches.push([...versions]);
  }
  return batches;
}

/** Answers what could not be removed. A version somebody else removed meanwhile counts as removed. */
async function deleteBatch(
  needs: BucketNeeds,
  bucket: string,
  batch: readonly Version[],
): Promise<readonly S3Failure[]> {
  const objects = batch.map(({ Key, VersionId }) => ({ Key, VersionId }));
  const answer = await attempt(`delete versions in bucket ${bucket}`, () =>
    needs.s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects: objects, Quiet: true } })),
  );
  return (answer?.Errors ?? []).filter(({ Code }) => Code !== "NoSuchKey" && Code !== "NoSuchVersion");
}

/** Only a bucket with Object Lock can hold locked objects; without it a refusal is a matter of permissions. */
async function locksObjects(needs: BucketNeeds, bucket: string): Promise<boolean> {
  const answer = await attempt(
    `read the Object Lock setting of bucket ${bucket}`,
    () => needs.s3.send(new GetObjectLockConfigurationCommand({ Bucket: bucket })),
    ["ObjectLockConfigurationNotFoundError"],
  );
  return answer?.ObjectLockConfiguration?.ObjectLockEnabled === "Enabled";
}

async function* clearUploads(needs: BucketNeeds, bucket: string): AsyncGenerator<ClearedPage> {
  const action = `list the unfinished uploads in bucket ${bucket}`;
  let cursor: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
  while (cursor !== undefined) {
    const query: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
      Bucket: bucket,
      MaxUploads: PAGE,
      ...cursor,
    });
    const page = await attempt(action, () => needs.s3.send(query), ["NoSuchBucket"]);
    const uploads = (page?.Uploads ?? []).flatMap(({ Key, UploadId }) =>
      Key === undefined || UploadId === undefined ? [] : [{ Key, UploadId }],
    );
    if (uploads.length > 0) yield await abortUploads(needs, bucket, uploads);
    cursor =
      page?.IsTruncated === true && page.NextKeyMarker !== undefined
        ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
        : undefined;
  }
}

async function abortUploads(
  needs: BucketNeeds,
  bucket: string,
  uploads: readonly { readonly Key: string; readonly UploadId: string }[],
): Promise<ClearedPage> {
  for (let start = 0; start < uploads.length; start += PARALLEL_ABORTS) {
    const batch = uploads.slice(start, start + PARALLEL_ABORTS);
    await Promise.all(
      batch.map((upload) =>
        attempt(
          `abort an unfinished upload in bucket ${bucket}`,
          () => needs.s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, ...upload })),
          ["NoSuchUpload"],
        ),
      ),
    );
  }
  return { found: uploads.length, versions: 0, markers: 0, uploads: uploads.length, locked: [] };
}
