import {
  CreateBucketCommand,
  GetBucketCorsCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { tagBucket } from "../../../src/integrations/aws/bucket-ownership.ts";
import { allowBrowserAccess, createBucket, deleteBucket } from "../../../src/integrations/aws/buckets.ts";
import { clientOf, newBucket, newPurchase, newSecret, objectStoreMissing, useObjectStore } from "./object-store.ts";

describe.skipIf(objectStoreMissing)("buckets", () => {
  const store = useObjectStore("versitygw");
  const tagsOf = async (bucket: string) =>
    (await store().storage.s3.send(new GetBucketTaggingCommand({ Bucket: bucket }))).TagSet;
  const exists = (bucket: string) =>
    store()
      .storage.s3.send(new HeadBucketCommand({ Bucket: bucket }))
      .then(
        () => true,
        () => false,
      );
  const put = (bucket: string, key: string) =>
    store().storage.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "kept" }));

  describe("making one", () => {
    it("changes nothing when it runs again, also with something inside", async () => {
      const purchase = await newBucket(store());
      await put(purchase.bucket, "a");
      await createBucket(store().storage, purchase);
      expect(await exists(purchase.bucket)).toBe(true);
    });

    it("goes on after a crash between making and tagging", async () => {
      const purchase = newPurchase();
      await createBucket(store().storage, purchase);
      await createBucket(store().storage, purchase);
      await tagBucket(store().storage, purchase);
      expect(await tagsOf(purchase.bucket)).toHaveLength(1);
    });

    it("takes no bucket over that its account may not even look at", async () => {
      const home = await newBucket(store());
      const credentials = await store().storage.access.grant({ ...home, secretAccessKey: newSecret() });
      const theirs = await newBucket(store());
      const attempt = createBucket({ s3: clientOf(store(), credentials) }, theirs);
      await expect(attempt).rejects.toMatchObject({ retryable: false });
    });
  });

  it("lets a web page of any origin read the ETag of what it uploaded", async () => {
    const purchase = await newBucket(store());
    await allowBrowserAccess(store().storage, purchase);
    await allowBrowserAccess(store().storage, purchase);
    const query = new GetBucketCorsCommand({ Bucket: purchase.bucket });
    expect((await store().storage.s3.send(query)).CORSRules).toHaveLength(1);
    const asked = { Origin: "https://shop.example", "Access-Control-Request-Method": "PUT" };
    const url = `${store().options.endpoint}/${purchase.bucket}/a`;
    const { headers } = await fetch(url, { method: "OPTIONS", headers: asked });
    expect(headers.get("access-control-allow-methods")).toBe("GET, PUT, POST, DELETE, HEAD");
    expect(headers.get("access-control-max-age")).toBe("3000");
    expect(headers.get("access-control-expose-headers")).toContain("ETag");
  });

  describe("409 bucket_name_taken", () => {
    it("leaves another purchase's bucket as it is, whatever step is asked for", async () => {
      const theirs = await newBucket(store());
      await put(theirs.bucket, "theirs");
      const ours = { bucket: theirs.bucket, purchaseId: "pur_ours" };
      const taken = { code: "bucket_name_taken", status: 409, retryable: false };
      for (const step of [createBucket, allowBrowserAccess, deleteBucket]) {
        await expect(step(store().storage, ours)).rejects.toMatchObject(taken);
      }
      const tag = { Key: "officex_vendor_purchase_id", Value: theirs.purchaseId };
      expect(await tagsOf(theirs.bucket)).toEqual([tag]);
    });

    it("never deletes a bucket without a tag, be it empty or full", async () => {
      const bucket = newPurchase().bucket;
      const target = { bucket, purchaseId: "pur_ours" };
      const taken = { code: "bucket_name_taken" };
      await store().storage.s3.send(new CreateBucketCommand({ Bucket: bucket }));
      await expect(deleteBucket(store().storage, target)).rejects.toMatchObject(taken);
      await put(bucket, "whose");
      await expect(deleteBucket(store().storage, target)).rejects.toMatchObject(taken);
      await expect(createBucket(store().storage, target)).rejects.toMatchObject(taken);
      expect(await exists(bucket)).toBe(true);
    });
  });

  describe("deleting one", () => {
    it("removes ours once and is content the second time", async () => {
      const purchase = await newBucket(store());
      await deleteBucket(store().storage, purchase);
      await deleteBucket(store().storage, purchase);
      expect(await exists(purchase.bucket)).toBe(false);
    });

    it("503 bucket_not_empty: asks to empty again when something was written meanwhile", async () => {
      const purchase = await newBucket(store());
      await put(purchase.bucket, "late");
      const failure = { code: "bucket_not_empty", retryable: true };
      await expect(deleteBucket(store().storage, purchase)).rejects.toMatchObject(failure);
    });
  });
});
