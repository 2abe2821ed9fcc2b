import { GetBucketTaggingCommand, PutBucketTaggingCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import {
  readOwnership,
  requireOurs,
  requirePresent,
  tagBucket,
} from "../../../src/integrations/aws/bucket-ownership.ts";
import { createBucket } from "../../../src/integrations/aws/buckets.ts";
import { newBucket, newPurchase, objectStoreMissing, useObjectStore } from "./object-store.ts";

describe.skipIf(objectStoreMissing)("whose bucket it is", () => {
  const store = useObjectStore("versitygw");
  const tagsOf = async (bucket: string) =>
    (await store().storage.s3.send(new GetBucketTaggingCommand({ Bucket: bucket }))).TagSet;
  const put = (bucket: string) =>
    store().storage.s3.send(new PutObjectCommand({ Bucket: bucket, Key: "a", Body: "kept" }));

  it("shows by the tag the cost report reads, and by nothing else", async () => {
    const purchase = newPurchase();
    const ownership = () => readOwnership(store().storage, purchase);
    expect(await ownership()).toBe("absent");
    await createBucket(store().storage, purchase);
    expect(await ownership()).toBe("unclaimed");
    await tagBucket(store().storage, purchase);
    expect(await ownership()).toBe("ours");
    expect(await readOwnership(store().storage, { ...purchase, purchaseId: "pur_other" })).toBe("foreign");
    expect(await tagsOf(purchase.bucket)).toEqual([{ Key: "officex_vendor_purchase_id", Value: purchase.purchaseId }]);
  });

  it("stays what it is when tagging runs again", async () => {
    const purchase = await newBucket(store());
    await put(purchase.bucket);
    await tagBucket(store().storage, purchase);
    expect(await tagsOf(purchase.bucket)).toHaveLength(1);
  });

  it("keeps the tags an operator added", async () => {
    const purchase = newPurchase();
    const tagging = { TagSet: [{ Key: "team", Value: "storage" }] };
    await createBucket(store().storage, purchase);
    await store().storage.s3.send(new PutBucketTaggingCommand({ Bucket: purchase.bucket, Tagging: tagging }));
    await tagBucket(store().storage, purchase);
    expect(await tagsOf(purchase.bucket)).toHaveLength(2);
  });

  it("is nobody's to claim once it holds something and has no tag", async () => {
    const purchase = newPurchase();
    await createBucket(store().storage, purchase);
    await put(purchase.bucket);
    expect(await readOwnership(store().storage, purchase)).toBe("foreign");
    await expect(tagBucket(store().storage, purchase)).rejects.toMatchObject({ code: "bucket_name_taken" });
  });

  it("guards: ours passes, absent is told apart, foreign is 409 bucket_name_taken", async () => {
    const purchase = await newBucket(store());
    expect(await requireOurs(store().storage, purchase)).toBe(true);
    expect(await requireOurs(store().storage, newPurchase())).toBe(false);
    const taken = { code: "bucket_name_taken", status: 409, retryable: false };
    const foreign = { ...purchase, purchaseId: "pur_other" };
    await expect(requireOurs(store().storage, foreign)).rejects.toMatchObject(taken);
    await expect(requirePresent(store().storage, foreign)).rejects.toMatchObject(taken);
    const passing = { code: "storage_unavailable", retryable: true };
    await expect(requirePresent(store().storage, newPurchase())).rejects.toMatchObject(passing);
    await expect(tagBucket(store().storage, newPurchase())).rejects.toMatchObject(passing);
  });
});
