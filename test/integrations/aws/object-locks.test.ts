import { CreateBucketCommand, PutObjectCommand, PutObjectLegalHoldCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { readLocks } from "../../../src/integrations/aws/object-locks.ts";
import { newPurchase, objectStoreMissing, useObjectStore } from "./object-store.ts";

describe.skipIf(objectStoreMissing)("reading locks", () => {
  const store = useObjectStore("versitygw");

  it("counts legal holds, and finds none at what is free or gone", async () => {
    const { s3 } = store().storage;
    const { bucket } = newPurchase();
    await s3.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
    for (const Key of ["held", "free"]) await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: "x" }));
    const LegalHold = { Status: "ON" as const };
    await s3.send(new PutObjectLegalHoldCommand({ Bucket: bucket, Key: "held", LegalHold }));
    const versions = ["held", "free", "gone"].map((key) => ({ key, versionId: "null" }));
    expect(await readLocks(store().storage, { bucket, versions })).toEqual({ retainUntil: null, legalHolds: 1 });
  });
});
