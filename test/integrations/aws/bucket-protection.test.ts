import {
  GetBucketOwnershipControlsCommand,
  PutBucketAclCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import {
  blockPublicAccess,
  dropAbandonedUploads,
  encryptByDefault,
  enforceBucketOwner,
} from "../../../src/integrations/aws/bucket-protection.ts";
import { newBucket, newPurchase, newSecret, objectStoreMissing, useObjectStore } from "./object-store.ts";

const publicPolicy = (bucket: string, principal: unknown) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: principal,
        Action: ["s3:GetObject"],
        Resource: `arn:aws:s3:::${bucket}/*`,
      },
    ],
  });

describe.skipIf(objectStoreMissing)("protecting a bucket", () => {
  const store = useObjectStore("versitygw");

  describe("keeping the public out", () => {
    it("is proven where the server has no switch for it, also with the customer's policy in place", async () => {
      const purchase = await newBucket(store());
      await store().storage.access.grant({ ...purchase, secretAccessKey: newSecret() });
      expect(await blockPublicAccess(store().storage, purchase)).toBe("verified");
      expect(await blockPublicAccess(store().storage, purchase)).toBe("verified");
      const anonymous = await fetch(`${store().options.endpoint}/${purchase.bucket}/a`);
      expect(anonymous.status).toBe(403);
    });

    it.each([
      ["everybody", "*"],
      ["everybody in a list", { AWS: ["*"] }],
    ])("409 bucket_exposed: a policy that names %s", async (_, principal) => {
      const purchase = await newBucket(store());
      const policy = publicPolicy(purchase.bucket, principal);
      await store().storage.s3.send(new PutBucketPolicyCommand({ Bucket: purchase.bucket, Policy: policy }));
      const failure = { code: "bucket_exposed", retryable: false };
      await expect(blockPublicAccess(store().storage, purchase)).rejects.toMatchObject(failure);
    });

    it("409 bucket_exposed: an ACL that grants the public", async () => {
      const purchase = await newBucket(store());
      const controls = { Rules: [{ ObjectOwnership: "ObjectWriter" as const }] };
      const { s3 } = store().storage;
      await s3.send(new PutBucketOwnershipControlsCommand({ Bucket: purchase.bucket, OwnershipControls: controls }));
      await s3.send(new PutBucketAclCommand({ Bucket: purchase.bucket, ACL: "public-read" }));
      await s3.send(new PutObjectCommand({ Bucket: purchase.bucket, Key: "a", Body: "seen" }));
      expect((await fetch(`${store().options.endpoint}/${purchase.bucket}?list-type=2`)).status).toBe(200);
      const failure = { code: "bucket_exposed", retryable: false };
      await expect(blockPublicAccess(store().storage, purchase)).rejects.toMatchObject(failure);
    });
  });

  describe("settings", () => {
    it("switches ACLs off", async () => {
      const purchase = await newBucket(store());
      expect(await enforceBucketOwner(store().storage, purchase)).toBe("set");
      expect(await enforceBucketOwner(store().storage, purchase)).toBe("set");
      const query = new GetBucketOwnershipControlsCommand({ Bucket: purchase.bucket });
      const { OwnershipControls: controls } = await store().storage.s3.send(query);
      expect(controls?.Rules).toEqual([{ ObjectOwnership: "BucketOwnerEnforced" }]);
    });

    it("says so instead of failing when the server knows no encryption or lifecycle setting", async () => {
      const purchase = await newBucket(store());
      expect(await encryptByDefault(store().storage, purchase)).toBe("not_supported");
      expect(await dropAbandonedUploads(store().storage, purchase)).toBe("not_supported");
    });

    it("touches no bucket of another purchase", async () => {
      const { bucket } = await newBucket(store());
      const ours = { bucket, purchaseId: "pur_ours" };
      for (const step of [enforceBucketOwner, encryptByDefault, dropAbandonedUploads]) {
        await expect(step(store().storage, ours)).rejects.toMatchObject({ code: "bucket_name_taken" });
      }
      await expect(blockPublicAccess(store().storage, ours)).rejects.toMatchObject({ code: "bucket_name_taken" });
      await expect(blockPublicAccess(store().storage, newPurchase())).rejects.toMatchObject({
        code: "storage_unavailable",
      });
    });
  });
});
