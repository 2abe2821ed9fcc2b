import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { type ClearedPage, clearPages } from "../../../src/integrations/aws/bucket-contents.ts";
import { clientOf, newBucket, newSecret, objectStoreMissing, useObjectStore } from "./object-store.ts";

describe.skipIf(objectStoreMissing)("one walk through a bucket", () => {
  const store = useObjectStore("versitygw");
  const walk = async (s3: S3Client, bucket: string) => {
    const pages: ClearedPage[] = [];
    for await (const page of clearPages({ s3 }, bucket)) pages.push(page);
    return pages;
  };

  it("tells versions, delete markers and unfinished uploads apart", async () => {
    const { bucket } = await newBucket(store());
    const { s3 } = store().storage;
    const versioning = { Status: "Enabled" as const };
    await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: versioning }));
    for (const key of ["a", "a", "b"]) await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "x" }));
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: "a" }));
    await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: "m" }));
    expect(await walk(s3, bucket)).toEqual([
      { found: 4, versions: 3, markers: 1, uploads: 0, locked: [] },
      { found: 1, versions: 0, markers: 0, uploads: 1, locked: [] },
    ]);
    expect(await walk(s3, bucket)).toEqual([]);
  });

  it("removes each version once, also where one key has more of them than fit in a call", async () => {
    const { bucket } = await newBucket(store());
    const { s3 } = store().storage;
    const versioning = { Status: "Enabled" as const };
    await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: versioning }));
    const lane = async (key: string) => {
      for (let n = 0; n < 300; n += 1) await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "x" }));
    };
    await Promise.all(["a", "b"].map(lane));
    expect(await walk(s3, bucket)).toEqual([{ found: 600, versions: 600, markers: 0, uploads: 0, locked: [] }]);
    expect(await walk(s3, bucket)).toEqual([]);
  });

  it("takes one page after the other in one walk, also where the store loses its place with the key it stood at", async () => {
    const { bucket } = await newBucket(store());
    const { s3 } = store().storage;
    let next = 0;
    const lane = async () => {
      while (next < 2_100) await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `key-${next++}`, Body: "x" }));
    };
    await Promise.all(Array.from({ length: 16 }, lane));
    expect((await walk(s3, bucket)).map(({ versions }) => versions)).toEqual([1_000, 1_000, 100]);
    expect(await walk(s3, bucket)).toEqual([]);
  });

  it("finds nothing in a bucket that is gone", async () => {
    expect(await walk(store().storage.s3, "tk-never-made")).toEqual([]);
  });

  it("403 access_denied: counts nothing as removed that our permissions did not remove", async () => {
    const purchase = await newBucket(store());
    const { s3 } = store().storage;
    await s3.send(new PutObjectCommand({ Bucket: purchase.bucket, Key: "a", Body: "x" }));
    const credentials = await store().storage.access.grant({ ...purchase, secretAccessKey: newSecret() });
    const statement = {
      Effect: "Allow",
      Principal: { AWS: [purchase.userName] },
      Action: ["s3:ListBucketVersions"],
      Resource: `arn:aws:s3:::${purchase.bucket}`,
    };
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    await s3.send(new PutBucketPolicyCommand({ Bucket: purchase.bucket, Policy: policy }));
    const reader = clientOf(store(), credentials);
    await expect(walk(reader, purchase.bucket)).rejects.toMatchObject({ code: "access_denied" });
    expect(await walk(s3, purchase.bucket)).toMatchObject([{ found: 1, versions: 1 }]);
  });
});
