import { type ClearedPage, clearPages } from "./bucket-contents.ts";
import { type BucketNeeds, isEmpty, type PurchaseBucket, requireOurs } from "./bucket-ownership.ts";
import { ObjectLocked, StorageUnavailable } from "./errors.ts";
import { readLocks } from "./object-locks.ts";

const MAX_EXAMPLES = 10;
/** Of so many locked versions the locks are read one by one; of more the latest date may be missing, never a lock. */
const MAX_LOCKS_READ = 100;
const PULSE_MS = 10_000;

/**
 * How far an emptying has come, JSON-safe for a heartbeat: versions, delete markers and unfinished uploads removed so far.
 * It only counts; the work left is read from the bucket itself, so a stale value costs nothing but the count.
 */
export type EmptyingProgress = { readonly versions: number; readonly markers: number; readonly uploads: number };

/** `done` false means the signal stopped it: call again with `progress` to go on. */
export type EmptyingResult = { readonly done: boolean; readonly progress: EmptyingProgress };

/**
 * One emptying: the bucket, where an earlier run stood, who may stop it, and who is told after every page and at least every
 * 10 seconds, so that a slow page does not look like a dead worker. `keepCount` is awaited after every page with what that page
 * removed: whoever stores it there loses no more than one page to a kill.
 */
export type EmptyBucketInput = PurchaseBucket & {
  readonly progress?: EmptyingProgress;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EmptyingProgress) => void;
  readonly keepCount?: (removed: EmptyingProgress) => Promise<void>;
};

const NOTHING: EmptyingProgress = { versions: 0, markers: 0, uploads: 0 };

/**
 * Removes every object version, delete marker and unfinished upload of a purchase's bucket, 1,000 at a time, until a whole
 * walk finds nothing: what is written meanwhile goes too. A bucket that is gone is done. Stops between two pages when the
 * signal fires. Failures: `bucket_name_taken` (not our tag, untouched), `object_locked` (all the rest is removed),
 * `storage_unavailable`.
 */
export async function emptyBucket(needs: BucketNeeds, input: EmptyBucketInput): Promise<EmptyingResult> {
  const before = input.progress ?? NOTHING;
  if (!(await requireOurs(needs, input))) return { done: true, progress: before };
  let latest = before;
  const tell = (progress: EmptyingProgress) => {
    latest = progress;
    input.onProgress?.(progress);
  };
  const pulse = setInterval(() => tell(latest), PULSE_MS);
  try {
    return await walkUntilEmpty(needs, input, before, tell);
  } finally {
    clearInterval(pulse);
  }
}

async function walkUntilEmpty(
  needs: BucketNeeds,
  input: EmptyBucketInput,
  before: EmptyingProgress,
  tell: (progress: EmptyingProgress) => void,
): Promise<EmptyingResult> {
  let progress = before;
  while (!input.signal?.aborted) {
    const pages: ClearedPage[] = [];
    for await (const page of clearPages(needs, input.bucket)) {
      pages.push(page);
      await input.keepCount?.({ versions: page.versions, markers: page.markers, uploads: page.uploads });
      progress = advance(progress, page);
      tell(progress);
      if (input.signal?.aborted) return { done: false, progress };
    }
    if (pages.length === 0) return { done: true, progress };
    await requireHeadway(needs, input.bucket, pages);
  }
  return { done: false, progress };
}

/** True when nothing is left, not even a version, marker or upload: the separate check before a bucket is deleted. */
export async function bucketIsEmpty(needs: BucketNeeds, input: { readonly bucket: string }): Promise<boolean> {
  return await isEmpty(needs, input);
}

function advance(progress: EmptyingProgress, page: ClearedPage): EmptyingProgress {
  return {
    versions: progress.versions + page.versions,
    markers: progress.markers + page.markers,
    uploads: progress.uploads + page.uploads,
  };
}

/** A walk that removed nothing will not do better next time: name what holds it and how long, locks first. */
async function requireHeadway(needs: BucketNeeds, bucket: string, pages: readonly ClearedPage[]): Promise<void> {
  const cleared = pages.reduce((sum, page) => sum + page.versions + page.markers + page.uploads, 0);
  if (cleared > 0) return;
  const locked = pages.flatMap((page) => page.locked);
  const found = pages.reduce((sum, page) => sum + page.found, 0);
  if (locked.length === 0) {
    throw new StorageUnavailable({ detail: `empty bucket ${bucket}: none of ${found} items could be removed` });
  }
  const exampleKeys = [...new Set(locked.map(({ key }) => key))].slice(0, MAX_EXAMPLES);
  const { retainUntil, legalHolds } = await readLocks(needs, { bucket, versions: locked.slice(0, MAX_LOCKS_READ) });
  throw new ObjectLocked({
    detail: `empty bucket ${bucket}: ${locked.length} versions are under Object Lock; ${nextAction(retainUntil, legalHolds)}`,
    members: { bucket, lockedObjects: locked.length, exampleKeys, retainUntil, legalHolds },
  });
}

function nextAction(retainUntil: string | null, legalHolds: number): string {
  const waits =
    retainUntil === null ? "" : `retention ends at ${retainUntil}, and emptying goes on by itself after that`;
  const holds = legalHolds === 0 ? "" : "remove the legal holds, then retry";
  return [waits, holds].filter((part) => part !== "").join("; ") || "lift the locks, then retry";
}
