import { GetBucketPolicyCommand } from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { newBucket, newSecret, objectStoreMissing, useObjectStore } from "./object-store.ts";

describe.skipIf(objectStoreMissing)("versitygw users", () => {
  const store = useObjectStore("versitygw");

  it("have the same credentials after a retry: the secret is the caller's", async () => {
    const purchase = await newBucket(store());
    const secretAccessKey = newSecret();
    const credentials = { accessKeyId: purchase.userName, secretAccessKey };
    for (let run = 0; run < 3; run += 1) {
      expect(await store().storage.access.grant({ ...purchase, secretAccessKey })).toEqual(credentials);
    }
  });

  it("leave no policy behind that would let the next holder of the name in", async () => {
    const purchase = await newBucket(store());
    await store().storage.access.grant({ ...purchase, secretAccessKey: newSecret() });
    const query = new GetBucketPolicyCommand({ Bucket: purchase.bucket });
    expect((await store().storage.s3.send(query)).Policy).toContain(purchase.userName);
    await store().storage.access.revoke(purchase);
    await expect(store().storage.s3.send(query)).rejects.toMatchObject({ name: "NoSuchBucketPolicy" });
  });
});
