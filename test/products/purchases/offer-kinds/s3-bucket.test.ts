import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bucketName } from "../../../../src/integrations/aws/bucket-name.ts";
import { addVersionsDeleted, findBucket, markBucketRevoked } from "../../../../src/products/purchases/bucket-store.ts";
import { readCredentials } from "../../../../src/products/purchases/credentials.ts";
import { listEvents } from "../../../../src/products/purchases/event-store.ts";
import type { StepProgress } from "../../../../src/products/purchases/offer-kinds/offer-kind.ts";
import type { StepPhase } from "../../../../src/products/purchases/offer-kinds/registry.ts";
import { s3Bucket } from "../../../../src/products/purchases/offer-kinds/s3-bucket.ts";
import { clientOf, objectStoreMissing, useObjectStore } from "../../../integrations/aws/object-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { type Sale, sellUnprovisioned } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe.skipIf(objectStoreMissing)("s3Bucket", () => {
  const store = useObjectStore("versitygw");
  const needs = () => ({ ...app.context, storage: store().storage });

  async function run(sale: Sale, phase: StepPhase, name: string, onBeat: () => void = () => {}) {
    const step = s3Bucket[phase].find((candidate) => candidate.name === name);
    if (step === undefined) throw new Error(`no step ${name}`);
    const beats: StepProgress[] = [];
    const heartbeat = (now: StepProgress) => {
      beats.push(now);
      onBeat();
    };
    const { signal } = new AbortController();
    await step.run(needs(), { purchaseId: sale.purchaseId, heartbeat, signal });
    return beats;
  }

  async function all(sale: Sale, phase: "provision" | "terminate", times = 1): Promise<void> {
    for (const { name } of s3Bucket[phase]) for (let time = 0; time < times; time += 1) await run(sale, phase, name);
  }

  async function customer(sale: Sale) {
    await app.database("purchases").where("id", sale.purchaseId).update({ status: "active" });
    const keys = await readCredentials(app.context, { purchaseId: sale.purchaseId });
    const client = clientOf(store(), { accessKeyId: keys.access_key_id, secretAccessKey: keys.secret_access_key });
    return { keys, client };
  }

  it("gives a bucket that works with the customer's keys, and is shut to everybody else", async () => {
    const [mine, other] = [await sellUnprovisioned(app), await sellUnprovisioned(app)];
    await Promise.all([all(mine, "provision"), all(other, "provision")]);
    const { keys, client } = await customer(mine);
    const Bucket = bucketName(other.purchaseId);
    await client.send(new PutObjectCommand({ Bucket: keys.bucket, Key: "a", Body: "1" }));
    await expect(client.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject({ name: "AccessDenied" });
    expect((await fetch(`${keys.endpoint}/${keys.bucket}/a`)).status).toBe(403);
    client.destroy();
  });

  it("tags the bucket with the purchase it belongs to", async () => {
    const sale = await sellUnprovisioned(app);
    await all(sale, "provision");
    const tags = await store().storage.s3.send(new GetBucketTaggingCommand({ Bucket: bucketName(sale.purchaseId) }));
    expect(tags.TagSet).toContainEqual({ Key: "officex_vendor_purchase_id", Value: sale.purchaseId });
  });

  it("may run every step three times, and the keys stay the same", async () => {
    const sale = await sellUnprovisioned(app);
    await all(sale, "provision");
    const before = (await customer(sale)).keys;
    await all(sale, "provision", 3);
    const after = await customer(sale);
    expect(after.keys).toEqual(before);
    await after.client.send(new ListObjectsV2Command({ Bucket: after.keys.bucket }));
    after.client.destroy();
  });

  it("gives the same keys when it died after granting and before writing them down", async () => {
    const sale = await sellUnprovisioned(app);
    await all(sale, "provision");
    const before = (await customer(sale)).keys;
    await app.database("purchase_buckets").where("purchase_id", sale.purchaseId).update({ credentials_sealed: null });
    await run(sale, "provision", "grant_access");
    expect((await customer(sale)).keys).toEqual(before);
  });

  it("refuses to protect or open a bucket that was never reserved", async () => {
    const sale = await sellUnprovisioned(app);
    for (const step of ["protect_bucket", "grant_access"]) {
      await expect(run(sale, "provision", step)).rejects.toThrow("has not run");
    }
  });

  it("takes the keys away first: from then on nothing can be written", async () => {
    const sale = await sellUnprovisioned(app);
    await all(sale, "provision");
    const { keys, client } = await customer(sale);
    await run(sale, "terminate", "revoke_access");
    const write = client.send(new PutObjectCommand({ Bucket: keys.bucket, Key: "late", Body: "1" }));
    await expect(write).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
    expect(await findBucket(app.database, sale.purchaseId)).toMatchObject({ credentialsSealed: null });
    client.destroy();
  });

  it("suspended can be read and emptied by its owner, not written, and resumes with the same credentials", async () => {
    const sale = await sellUnprovisioned(app);
    await all(sale, "provision");
    const { keys, client } = await customer(sale);
    const Bucket = keys.bucket;
    const put = (Key: string) => client.send(new PutObjectCommand({ Bucket, Key, Body: "1" }));
    await put("a");
    await put("b");
    for (const _ of [1, 2]) await run(sale, "suspend", "restrict_access");
    await expect(put("c")).rejects.toMatchObject({ name: "AccessDenied" });
    expect((await client.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(2);
    await client.send(new DeleteObjectCommand({ Bucket, Key: "b" }));
    for (const _ of [1, 2]) await run(sale, "resume", "restore_access");
    await put("c");
    expect((await customer(sale)).keys).toEqual(keys);
    client.destroy();
  });

  it("W07: what Object Lock keeps is told to the customer once, with the date, and the step says so", async () => {
    const sale = await sellUnprovisioned(app);
    const Bucket = bucketName(sale.purchaseId);
    const { s3 } = store().storage;
    await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
    await all(sale, "provision");
    await s3.send(new PutObjectCommand({ Bucket, Key: "kept", Body: "1" }));
    const RetainUntilDate = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 86_400_000);
    const Retention = { Mode: "COMPLIANCE" as const, RetainUntilDate };
    await s3.send(new PutObjectRetentionCommand({ Bucket, Key: "kept", Retention }));
    for (const _ of [1, 2, 3]) {
      await expect(run(sale, "terminate", "empty_bucket")).rejects.toMatchObject({ code: "object_locked" });
    }
    const told = (await listEvents(app.database, sale.purchaseId)).filter(
      ({ type }) => type === "purchase.deletion_blocked",
    );
    expect(told.map(({ data }) => data)).toEqual([
      { locked_objects: 1, legal_holds: 0, retain_until: RetainUntilDate.toISOString() },
    ]);
  });

  it("leaves nothing behind: versions, markers, unfinished uploads, the bucket itself", async () => {
    const sale = await sellUnprovisioned(app);
    await all(sale, "provision");
    const Bucket = bucketName(sale.purchaseId);
    const { s3 } = store().storage;
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    for (const Body of ["1", "2", "3"]) await s3.send(new PutObjectCommand({ Bucket, Key: "kept", Body }));
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "kept" }));
    await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "half" }));
    await run(sale, "terminate", "revoke_access");
    await addVersionsDeleted(app.database, { purchaseId: sale.purchaseId, removed: 100 });
    const beats = await run(sale, "terminate", "empty_bucket");
    expect(beats.at(-1)).toEqual({ handled: 105 });
    await run(sale, "terminate", "delete_bucket");
    await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({ name: "NotFound" });
    expect(await findBucket(app.database, sale.purchaseId)).toMatchObject({
      versionsDeleted: 105n,
      deletedAt: expect.any(Date),
    });
  });

  it("W07: what an upload under way puts in during and after the emptying goes too, and the bucket with it", async () => {
    const sale = await sellUnprovisioned(app);
    await all(sale, "provision");
    const Bucket = bucketName(sale.purchaseId);
    const { s3 } = store().storage;
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    const begin = async (Key: string) => {
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
      const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: "part" }));
      const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
      return () => s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }));
    };
    // One sorts before what the walk sees first, one after.
    const finishing = [await begin("!before"), await begin("~after")];
    await s3.send(new PutObjectCommand({ Bucket, Key: "kept", Body: "1" }));
    await run(sale, "terminate", "revoke_access");
    const finished: Promise<unknown>[] = [];
    await run(sale, "terminate", "empty_bucket", () => finished.push(...finishing.splice(0).map((finish) => finish())));
    // Completed and removed, or aborted before it could complete: either way nothing stays.
    expect(await Promise.allSettled(finished)).toHaveLength(2);
    // The bucket was found empty; now the last of the old requests lands.
    await s3.send(new PutObjectCommand({ Bucket, Key: "late", Body: "1" }));
    await run(sale, "terminate", "delete_bucket");
    await expect(s3.send(new HeadBucketCommand({ Bucket }))).rejects.toMatchObject({ name: "NotFound" });
    expect((await findBucket(app.database, sale.purchaseId))?.deletedAt).toBeInstanceOf(Date);
  });

  it("409 bucket_not_empty: where an operator left the emptying out, deleting the bucket never empties it", async () => {
    const sale = await sellUnprovisioned(app);
    await all(sale, "provision");
    const Bucket = bucketName(sale.purchaseId);
    await store().storage.s3.send(new PutObjectCommand({ Bucket, Key: "kept", Body: "1" }));
    await run(sale, "terminate", "revoke_access");
    await expect(run(sale, "terminate", "delete_bucket")).rejects.toMatchObject({ code: "bucket_not_empty" });
    expect((await store().storage.s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(1);
  });

  it("may run every termination step twice, also where nothing was ever made", async () => {
    const [made, unmade] = [await sellUnprovisioned(app), await sellUnprovisioned(app)];
    await all(made, "provision");
    await all(made, "terminate", 2);
    await all(unmade, "terminate", 2);
    expect((await findBucket(app.database, made.purchaseId))?.deletedAt).toBeInstanceOf(Date);
    expect(await findBucket(app.database, unmade.purchaseId)).toBeNull();
  });

  it("never touches another's bucket, whatever its row says", async () => {
    const [mine, other] = [await sellUnprovisioned(app), await sellUnprovisioned(app)];
    await Promise.all([all(mine, "provision"), all(other, "provision")]);
    const Bucket = bucketName(other.purchaseId);
    await store().storage.s3.send(new PutObjectCommand({ Bucket, Key: "theirs", Body: "1" }));
    await app.owner("purchase_buckets").where("purchase_id", other.purchaseId).update({ bucket: "moved-away" });
    await app.owner("purchase_buckets").where("purchase_id", mine.purchaseId).update({ bucket: Bucket });
    await markBucketRevoked(app.database, mine.purchaseId);
    await expect(run(mine, "terminate", "empty_bucket")).rejects.toMatchObject({ code: expect.any(String) });
    await expect(run(mine, "terminate", "delete_bucket")).rejects.toMatchObject({ code: expect.any(String) });
    const left = await store().storage.s3.send(new ListObjectsV2Command({ Bucket }));
    expect(left.KeyCount).toBe(1);
  });
});
