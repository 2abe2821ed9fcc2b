import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { type PurchaseBucket, tagBucket } from "../../../src/integrations/aws/bucket-ownership.ts";
import { deleteBucket } from "../../../src/integrations/aws/buckets.ts";
import { bucketIsEmpty, type EmptyingProgress, emptyBucket } from "../../../src/integrations/aws/empty-bucket.ts";
import { StorageUnavailable } from "../../../src/integrations/aws/errors.ts";
import { newBucket, newPurchase, objectStoreMissing, useObjectStore } from "./object-store.ts";

describe.skipIf(objectStoreMissing)("emptying", () => {
  const store = useObjectStore("versitygw");
  const put = (bucket: string, key: string) =>
    store().storage.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "x" }));

  async function versioned(): Promise<PurchaseBucket> {
    const purchase = await newBucket(store());
    const versioning = { Status: "Enabled" as const };
    const command = new PutBucketVersioningCommand({ Bucket: purchase.bucket, VersioningConfiguration: versioning });
    await store().storage.s3.send(command);
    return purchase;
  }

  /** Runs `count` writes, 16 at a time. */
  async function many(count: number, write: (index: number) => Promise<unknown>): Promise<void> {
    let next = 0;
    const lane = async () => {
      while (next < count) await write(next++);
    };
    await Promise.all(Array.from({ length: 16 }, lane));
  }

  async function fill(bucket: string, amounts: { versions: number; markers: number; uploads: number }): Promise<void> {
    const { s3 } = store().storage;
    const keys = Math.ceil(amounts.versions / 3);
    await many(amounts.versions, (index) => put(bucket, `folder-${index % 7}/key-${index % keys}`));
    await many(amounts.markers, (index) =>
      s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: `folder-${index % 7}/key-${index}` })),
    );
    await many(amounts.uploads, async (index) => {
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: `upload-${index}` }));
      const part = { Bucket: bucket, Key: `upload-${index}`, UploadId, PartNumber: 1, Body: "part" };
      await s3.send(new UploadPartCommand(part));
    });
  }

  it("leaves nothing and counts right when interrupted five times among 3,400 things", async () => {
    const purchase = await versioned();
    const untouched = await versioned();
    await put(untouched.bucket, "theirs");
    const amounts = { versions: 3100, markers: 250, uploads: 50 };
    await fill(purchase.bucket, amounts);
    let progress: EmptyingProgress | undefined;
    let interruptions = 0;
    for (let done = false; !done; ) {
      const stop = new AbortController();
      const run = await emptyBucket(store().storage, {
        ...purchase,
        ...(progress === undefined ? {} : { progress }),
        signal: stop.signal,
        onProgress: () => interruptions < 5 && stop.abort(),
      });
      if (!run.done) interruptions += 1;
      // What the next attempt reads from the last heartbeat.
      progress = structuredClone(run.progress);
      done = run.done;
    }
    expect(interruptions).toBe(5);
    expect(progress).toEqual(amounts);
    expect(await bucketIsEmpty(store().storage, purchase)).toBe(true);
    expect(await bucketIsEmpty(store().storage, untouched)).toBe(false);
    await deleteBucket(store().storage, purchase);
  });

  it("takes along what is written while it runs", async () => {
    const purchase = await versioned();
    await fill(purchase.bucket, { versions: 30, markers: 5, uploads: 2 });
    const late: Promise<unknown>[] = [];
    let progress: EmptyingProgress = { versions: 0, markers: 0, uploads: 0 };
    const emptying = emptyBucket(store().storage, {
      ...purchase,
      // The first key in order, so the walk has passed it, and an upload begun behind its back.
      onProgress: (made) => {
        progress = made;
        if (late.length < 3) late.push(put(purchase.bucket, "!late"));
      },
    });
    // What is being written may refuse to go for a moment; the workflow then goes on from here, as the next run does.
    const run = await emptying.catch((error: unknown) => {
      if (!(error instanceof StorageUnavailable)) throw error;
      return { progress };
    });
    await Promise.all(late);
    // A write may land after the last look; then the bucket cannot be deleted and the next run takes it.
    const again = await emptyBucket(store().storage, { ...purchase, progress: run.progress });
    expect(again.progress).toEqual({ versions: 33, markers: 5, uploads: 2 });
    expect(await bucketIsEmpty(store().storage, purchase)).toBe(true);
  });

  it("empties a bucket that never had versions", async () => {
    const purchase = await newBucket(store());
    await many(20, (index) => put(purchase.bucket, `a b/ü&<${index}>`));
    const run = await emptyBucket(store().storage, purchase);
    expect(run).toEqual({ done: true, progress: { versions: 20, markers: 0, uploads: 0 } });
    await deleteBucket(store().storage, purchase);
  });

  it("is done when the bucket is gone, and does nothing once stopped", async () => {
    const nothing = { versions: 0, markers: 0, uploads: 0 };
    expect(await emptyBucket(store().storage, newPurchase())).toEqual({ done: true, progress: nothing });
    const purchase = await versioned();
    await put(purchase.bucket, "kept");
    const stopped = await emptyBucket(store().storage, { ...purchase, signal: AbortSignal.abort() });
    expect(stopped).toEqual({ done: false, progress: nothing });
    expect(await bucketIsEmpty(store().storage, purchase)).toBe(false);
  });

  it("409 bucket_name_taken: never empties a bucket without our tag", async () => {
    const theirs = await versioned();
    await put(theirs.bucket, "theirs");
    const attempt = emptyBucket(store().storage, { bucket: theirs.bucket, purchaseId: "pur_ours" });
    await expect(attempt).rejects.toMatchObject({ code: "bucket_name_taken", retryable: false });
    expect(await bucketIsEmpty(store().storage, theirs)).toBe(false);
  });

  it("409 object_locked: reports what it may not delete, after deleting the rest", async () => {
    const { s3 } = store().storage;
    const purchase = newPurchase();
    await s3.send(new CreateBucketCommand({ Bucket: purchase.bucket, ObjectLockEnabledForBucket: true }));
    await tagBucket(store().storage, purchase);
    await many(12, (index) => put(purchase.bucket, `key-${index}`));
    const hold = { LegalHold: { Status: "ON" as const } };
    for (const key of ["key-3", "key-7"]) {
      await s3.send(new PutObjectLegalHoldCommand({ Bucket: purchase.bucket, Key: key, ...hold }));
    }
    await expect(emptyBucket(store().storage, purchase)).rejects.toMatchObject({
      code: "object_locked",
      retryable: false,
      members: {
        bucket: purchase.bucket,
        lockedObjects: 2,
        exampleKeys: ["key-3", "key-7"],
        retainUntil: null,
        legalHolds: 2,
      },
    });
    const left = await s3.send(new ListObjectVersionsCommand({ Bucket: purchase.bucket }));
    expect(left.Versions?.map(({ Key }) => Key)).toEqual(["key-3", "key-7"]);
  });

  it("W07: names the date on which retention ends, and that emptying goes on after it", async () => {
    const { s3 } = store().storage;
    const purchase = newPurchase();
    await s3.send(new CreateBucketCommand({ Bucket: purchase.bucket, ObjectLockEnabledForBucket: true }));
    await tagBucket(store().storage, purchase);
    await put(purchase.bucket, "kept");
    const RetainUntilDate = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 86_400_000);
    const Retention = { Mode: "COMPLIANCE" as const, RetainUntilDate };
    await s3.send(new PutObjectRetentionCommand({ Bucket: purchase.bucket, Key: "kept", Retention }));
    await expect(emptyBucket(store().storage, purchase)).rejects.toMatchObject({
      message: expect.stringContaining(`retention ends at ${RetainUntilDate.toISOString()}`),
      members: { retainUntil: RetainUntilDate.toISOString(), legalHolds: 0, lockedObjects: 1 },
    });
  });
});
