import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketAclCommand,
  PutBucketPolicyCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { accessPolicy } from "../../../src/integrations/aws/bucket-access.ts";
import { deleteBucket } from "../../../src/integrations/aws/buckets.ts";
import { clientOf, newBucket, newPurchase, newSecret, objectStoreMissing, useObjectStore } from "./object-store.ts";

/** Both ways of making users keep the same promises: AWS's IAM calls, and versitygw's own administration. */
describe.skipIf(objectStoreMissing).each(["iam", "versitygw"] as const)("access by %s", (identity) => {
  const store = useObjectStore(identity);

  const sale = async () => {
    const purchase = await newBucket(store());
    const grant = { ...purchase, secretAccessKey: newSecret() };
    const credentials = await store().storage.access.grant(grant);
    return { ...purchase, grant, credentials, s3: clientOf(store(), credentials) };
  };
  const put = (s3: S3Client, bucket: string, key = "a") =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "mine" }));

  it("really reads, writes, lists and deletes in its bucket", async () => {
    const { s3, bucket } = await sale();
    await put(s3, bucket);
    const read = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: "a" }));
    expect(await read.Body?.transformToString()).toBe("mine");
    expect((await s3.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount).toBe(1);
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: "a" }));
    expect((await s3.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount).toBe(0);
  });

  it("uploads in parts, sees them, and aborts what it no longer wants to pay for", async () => {
    const { s3, bucket } = await sale();
    const part = async () => {
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: "m" }));
      const upload = { Bucket: bucket, Key: "m", UploadId };
      const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "part" }));
      return { upload, ETag };
    };
    const kept = await part();
    expect((await s3.send(new ListPartsCommand(kept.upload))).Parts).toHaveLength(1);
    const parts = { Parts: [{ PartNumber: 1, ETag: kept.ETag }] };
    await s3.send(new CompleteMultipartUploadCommand({ ...kept.upload, MultipartUpload: parts }));
    const dropped = await part();
    await s3.send(new AbortMultipartUploadCommand(dropped.upload));
    await expect(s3.send(new ListPartsCommand(dropped.upload))).rejects.toMatchObject({ name: "NoSuchUpload" });
  });

  it("reaches no other bucket", async () => {
    const { s3 } = await sale();
    const other = await sale();
    await put(other.s3, other.bucket);
    const tries = [
      () => put(s3, other.bucket),
      () => s3.send(new GetObjectCommand({ Bucket: other.bucket, Key: "a" })),
      () => s3.send(new ListObjectsV2Command({ Bucket: other.bucket })),
      () => s3.send(new DeleteObjectCommand({ Bucket: other.bucket, Key: "a" })),
    ];
    for (const attempt of tries) await expect(attempt()).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("makes no bucket, and can neither open, retag nor delete its own", async () => {
    const { s3, bucket } = await sale();
    const everybody = accessPolicy({ bucket, principal: "*" });
    const tries = [
      () => s3.send(new CreateBucketCommand({ Bucket: newPurchase().bucket })),
      () => s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: everybody })),
      () => s3.send(new PutBucketAclCommand({ Bucket: bucket, ACL: "public-read" })),
      () => s3.send(new PutBucketTaggingCommand({ Bucket: bucket, Tagging: { TagSet: [] } })),
      () => s3.send(new DeleteBucketCommand({ Bucket: bucket })),
    ];
    for (const attempt of tries) await expect(attempt()).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("works with what the last grant answered, however often it ran", async () => {
    const { grant, bucket } = await sale();
    const again = await store().storage.access.grant(grant);
    await put(clientOf(store(), again), bucket);
    const third = await store().storage.access.grant(grant);
    await put(clientOf(store(), third), bucket);
  });

  it("honours only the new credentials after a rotation", async () => {
    const { grant, bucket, s3 } = await sale();
    await put(s3, bucket);
    const rotated = await store().storage.access.rotate({ ...grant, secretAccessKey: newSecret() });
    await put(clientOf(store(), rotated), bucket);
    const refusal = identity === "iam" ? "InvalidAccessKeyId" : "SignatureDoesNotMatch";
    await expect(put(s3, bucket)).rejects.toMatchObject({ name: refusal });
  });

  it("ends at once when revoked, and revoking again changes nothing", async () => {
    const { grant, bucket, s3 } = await sale();
    await put(s3, bucket);
    await store().storage.access.revoke(grant);
    await expect(put(s3, bucket)).rejects.toMatchObject({ name: "InvalidAccessKeyId" });
    await store().storage.access.revoke(grant);
  });

  it("can be revoked after its bucket is gone, and where nothing was ever granted", async () => {
    const { grant } = await sale();
    await deleteBucket(store().storage, grant);
    await store().storage.access.revoke(grant);
    await store().storage.access.revoke(newPurchase());
  });

  it("gives nobody rights on a bucket of another purchase", async () => {
    const theirs = await sale();
    const ours = { ...theirs.grant, purchaseId: "pur_ours" };
    await expect(store().storage.access.grant(ours)).rejects.toMatchObject({ code: "bucket_name_taken" });
    await expect(store().storage.access.revoke(ours)).rejects.toMatchObject({ retryable: false });
    await put(theirs.s3, theirs.bucket);
  });
});

describe("accessPolicy", () => {
  it("names one bucket and its objects, and no action that opens, retags, locks or deletes the bucket", () => {
    const text = accessPolicy({ bucket: "tk-a" });
    expect(text.match(/arn:aws:s3:::[^"]*/g)).toEqual(["arn:aws:s3:::tk-a", "arn:aws:s3:::tk-a/*"]);
    expect(text).not.toMatch(/Acl|Policy"|PutBucket|DeleteBucket"|CreateBucket|Retention|LegalHold|\*"\]|s3:\*/);
    expect(text).not.toContain("Principal");
    expect(accessPolicy({ bucket: "tk-a", principal: "tk-user" })).toContain('"Principal":{"AWS":["tk-user"]}');
  });
});
