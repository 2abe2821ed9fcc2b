import {
  CreateBucketCommand,
  GetBucketCorsCommand,
  GetBucketTaggingCommand,
  HeadBucketCommand,
  PutBucketTaggingCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tagBucket } from "../../../src/integrations/aws/bucket-ownership.ts";
import { allowBrowserAccess, createBucket, deleteBucket } from "../../../src/integrations/aws/buckets.ts";
import { checkStorage, createStorage } from "../../../src/integrations/aws/storage.ts";
import { clientOf, newBucket, newPurchase, newSecret, type ObjectStore, startObjectStore } from "./object-store.ts";

let store: ObjectStore;

beforeAll(async () => {
  store = await startObjectStore("versitygw");
});
afterAll(() => store?.stop());

const tagsOf = async (bucket: string) =>
  (await store.storage.s3.send(new GetBucketTaggingCommand({ Bucket: bucket }))).TagSet ?? [];
const exists = (bucket: string) =>
  store.storage.s3.send(new HeadBucketCommand({ Bucket: bucket })).then(
    () => true,
    () => false,
  );
const put = (bucket: string, key: string) =>
  store.storage.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "kept" }));

describe("making a bucket", () => {
  it("puts the purchase's tag where the cost report reads it", async () => {
    const purchase = await newBucket(store);
    expect(await tagsOf(purchase.bucket)).toEqual([{ Key: "officex_vendor_purchase_id", Value: purchase.purchaseId }]);
  });

  it("changes nothing when every step runs again", async () => {
    const purchase = await newBucket(store);
    await put(purchase.bucket, "a");
    await createBucket(store.storage, purchase);
    await tagBucket(store.storage, purchase);
    expect(await tagsOf(purchase.bucket)).toHaveLength(1);
  });

  it("goes on after a crash between making and tagging", async () => {
    const purchase = newPurchase();
    await createBucket(store.storage, purchase);
    await createBucket(store.storage, purchase);
    await tagBucket(store.storage, purchase);
    expect(await tagsOf(purchase.bucket)).toHaveLength(1);
  });

  it("keeps the tags an operator added", async () => {
    const purchase = newPurchase();
    const tagging = { TagSet: [{ Key: "team", Value: "storage" }] };
    await createBucket(store.storage, purchase);
    await store.storage.s3.send(new PutBucketTaggingCommand({ Bucket: purchase.bucket, Tagging: tagging }));
    await tagBucket(store.storage, purchase);
    expect(await tagsOf(purchase.bucket)).toHaveLength(2);
  });

  it("reports a step on a bucket that does not exist yet as passing", async () => {
    const failure = { code: "storage_unavailable", retryable: true };
    await expect(tagBucket(store.storage, newPurchase())).rejects.toMatchObject(failure);
    await expect(allowBrowserAccess(store.storage, newPurchase())).rejects.toMatchObject(failure);
  });

  it("lets a web page of any origin read the ETag of what it uploaded", async () => {
    const { bucket, purchaseId } = await newBucket(store);
    await allowBrowserAccess(store.storage, { bucket, purchaseId });
    await allowBrowserAccess(store.storage, { bucket, purchaseId });
    const rules = (await store.storage.s3.send(new GetBucketCorsCommand({ Bucket: bucket }))).CORSRules ?? [];
    expect(rules).toHaveLength(1);
    const asked = { Origin: "https://shop.example", "Access-Control-Request-Method": "PUT" };
    const preflight = await fetch(`${store.options.endpoint}/${bucket}/a`, { method: "OPTIONS", headers: asked });
    expect(preflight.headers.get("access-control-allow-methods")).toBe("GET, PUT, POST, DELETE, HEAD");
    expect(preflight.headers.get("access-control-max-age")).toBe("3000");
    expect(preflight.headers.get("access-control-expose-headers")).toContain("ETag");
  });
});

describe("409 bucket_name_taken", () => {
  const taken = { code: "bucket_name_taken", status: 409, retryable: false };

  it("leaves another purchase's bucket as it is, whatever step is asked for", async () => {
    const theirs = await newBucket(store);
    await put(theirs.bucket, "theirs");
    const ours = { bucket: theirs.bucket, purchaseId: "pur_ours" };
    for (const step of [createBucket, tagBucket, allowBrowserAccess, deleteBucket]) {
      await expect(step(store.storage, ours)).rejects.toMatchObject(taken);
    }
    expect(await tagsOf(theirs.bucket)).toEqual([{ Key: "officex_vendor_purchase_id", Value: theirs.purchaseId }]);
  });

  it("claims no untagged bucket that already holds something", async () => {
    const purchase = newPurchase();
    await createBucket(store.storage, purchase);
    await put(purchase.bucket, "whose");
    await expect(tagBucket(store.storage, purchase)).rejects.toMatchObject(taken);
    await expect(createBucket(store.storage, purchase)).rejects.toMatchObject(taken);
    await expect(deleteBucket(store.storage, purchase)).rejects.toMatchObject(taken);
    expect(await exists(purchase.bucket)).toBe(true);
  });

  it("takes no bucket over that its account may not even look at", async () => {
    const home = await newBucket(store);
    const credentials = await store.storage.access.grant({ ...home, secretAccessKey: newSecret() });
    const theirs = await newBucket(store);
    // The other account answers for both names, so the refusal comes from the server and not from a tag.
    const other = { s3: clientOf(store, credentials) };
    const attempt = createBucket(other, { ...theirs, purchaseId: home.purchaseId });
    await expect(attempt).rejects.toMatchObject({ retryable: false });
    expect(await tagsOf(theirs.bucket)).toHaveLength(1);
  });
});

describe("deleting a bucket", () => {
  it("removes ours once and is content the second time", async () => {
    const purchase = await newBucket(store);
    await deleteBucket(store.storage, purchase);
    await deleteBucket(store.storage, purchase);
    expect(await exists(purchase.bucket)).toBe(false);
  });

  it("asks to empty again when something was written meanwhile", async () => {
    const purchase = await newBucket(store);
    await put(purchase.bucket, "late");
    const failure = { code: "bucket_not_empty", retryable: true };
    await expect(deleteBucket(store.storage, purchase)).rejects.toMatchObject(failure);
  });

  it("never deletes a bucket that carries no tag of ours", async () => {
    const bucket = newPurchase().bucket;
    await store.storage.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    await expect(deleteBucket(store.storage, { bucket, purchaseId: "pur_ours" })).rejects.toMatchObject({
      code: "bucket_name_taken",
    });
    expect(await exists(bucket)).toBe(true);
  });
});

describe("a store that is not there", () => {
  it("is a passing failure within seconds, without a secret in the message", async () => {
    const credentials = { accessKeyId: "root", secretAccessKey: "hush-hush" };
    const gone = createStorage({ ...store.options, endpoint: "http://127.0.0.1:9", credentials });
    const started = Date.now();
    const failure: unknown = await createBucket(gone, newPurchase()).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "storage_unavailable", status: 503, retryable: true });
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(String(failure)).not.toContain("hush");
    await expect(checkStorage(gone)).rejects.toMatchObject({ code: "storage_unavailable" });
  });

  it("tells wrong credentials from an outage", async () => {
    const credentials = { accessKeyId: "root", secretAccessKey: "hush-hush" };
    const locked = createStorage({ ...store.options, credentials });
    const failure = { code: "access_denied", retryable: false };
    await expect(createBucket(locked, newPurchase())).rejects.toMatchObject(failure);
    await expect(checkStorage(locked)).rejects.toMatchObject(failure);
    await expect(checkStorage(store.storage)).resolves.toBeUndefined();
  });
});
