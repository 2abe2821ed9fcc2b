import { afterAll, beforeAll, expect, it } from "vitest";
import {
  addVersionsDeleted,
  findBucket,
  markBucketDeleted,
  markBucketEmptied,
  markBucketRevoked,
  reserveBucket,
  saveBucketCredentials,
} from "../../../src/products/purchases/bucket-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { sellUnprovisioned } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

async function reserved(name: string) {
  const { purchaseId } = await sellUnprovisioned(app);
  const record = { purchaseId, bucket: name, userName: name, region: "us-east-1", endpoint: "http://s3.example" };
  await reserveBucket(app.database, record);
  return record;
}

it("keeps the first name however often a bucket is reserved", async () => {
  const record = await reserved("first");
  await reserveBucket(app.database, { ...record, bucket: "second", userName: "second" });
  expect(await findBucket(app.database, record.purchaseId)).toEqual({
    ...record,
    credentialsSealed: null,
    revokedAt: null,
    deletedAt: null,
    emptiedAt: null,
    versionsDeleted: 0n,
  });
});

it("never gives one bucket name to two purchases", async () => {
  const { purchaseId: _, ...record } = await reserved("taken");
  const { purchaseId } = await sellUnprovisioned(app);
  await expect(reserveBucket(app.database, { ...record, purchaseId })).rejects.toMatchObject({ code: "23505" });
});

it("has no bucket for a purchase that does not exist", async () => {
  const record = { bucket: "x", userName: "x", region: "r", endpoint: "e" };
  await expect(reserveBucket(app.database, { ...record, purchaseId: "pur_none" })).rejects.toMatchObject({
    code: "23503",
  });
  expect(await findBucket(app.database, "pur_none")).toBeNull();
});

it("forgets the credentials when access is revoked, and keeps the first time of it", async () => {
  const { purchaseId } = await reserved("revoked");
  await saveBucketCredentials(app.database, { purchaseId, credentialsSealed: "v1.sealed" });
  await markBucketRevoked(app.database, purchaseId);
  const first = await findBucket(app.database, purchaseId);
  await markBucketRevoked(app.database, purchaseId);
  expect(first).toMatchObject({ credentialsSealed: null, revokedAt: expect.any(Date) });
  expect(await findBucket(app.database, purchaseId)).toEqual(first);
});

it("adds up what every page of every attempt removed, and says when the bucket was found empty", async () => {
  const { purchaseId } = await reserved("emptied");
  for (const removed of [5, 12, 3]) await addVersionsDeleted(app.database, { purchaseId, removed });
  expect(await findBucket(app.database, purchaseId)).toMatchObject({ versionsDeleted: 20n, emptiedAt: null });
  await markBucketEmptied(app.database, purchaseId);
  expect(await findBucket(app.database, purchaseId)).toMatchObject({
    versionsDeleted: 20n,
    emptiedAt: expect.any(Date),
  });
});

it("keeps the first time of a deletion, and touches no other purchase", async () => {
  const [gone, other] = [await reserved("gone"), await reserved("other")];
  await markBucketDeleted(app.database, gone.purchaseId);
  const first = await findBucket(app.database, gone.purchaseId);
  await markBucketDeleted(app.database, gone.purchaseId);
  expect((await findBucket(app.database, gone.purchaseId))?.deletedAt).toEqual(first?.deletedAt);
  expect((await findBucket(app.database, other.purchaseId))?.deletedAt).toBeNull();
});
