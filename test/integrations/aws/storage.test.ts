import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { createBucket } from "../../../src/integrations/aws/buckets.ts";
import { checkStorage, createStorage, type StorageOptions } from "../../../src/integrations/aws/storage.ts";
import { newPurchase, objectStoreMissing, useObjectStore } from "./object-store.ts";

const options: StorageOptions = {
  region: "eu-central-1",
  identity: "versitygw",
  endpoint: "http://127.0.0.1:9",
  credentials: { accessKeyId: "root", secretAccessKey: "hush-hush" },
};

describe("createStorage", () => {
  it("tells customers where the bucket is: the given endpoint, else AWS in that region", () => {
    expect(createStorage(options).endpoint).toBe("http://127.0.0.1:9");
    const aws = createStorage({ region: "eu-central-1", identity: "iam" });
    expect(aws).toMatchObject({ endpoint: "https://s3.eu-central-1.amazonaws.com", region: "eu-central-1" });
    aws.close();
  });

  it.each([{ endpoint: "http://127.0.0.1:9" }, { credentials: { accessKeyId: "root", secretAccessKey: "x" } }])(
    "refuses to start versitygw users with only %o",
    (given) => expect(() => createStorage({ region: "us-east-1", identity: "versitygw", ...given })).toThrow("needs"),
  );
});

describe("503 storage_unavailable", () => {
  const passing = { code: "storage_unavailable", status: 503, retryable: true };

  it("is what a store that is not there gives within seconds, without a secret in it", async () => {
    const gone = createStorage(options);
    const failure: unknown = await createBucket(gone, newPurchase()).catch((error: unknown) => error);
    expect(failure).toMatchObject(passing);
    expect(JSON.stringify(failure) + String(failure)).not.toContain("hush");
    await expect(checkStorage(gone)).rejects.toMatchObject(passing);
  });

  it("is what a store that accepts and never answers gives when its time is over", async () => {
    let asked = 0;
    const silent = createServer(() => {
      asked += 1;
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : undefined;
    try {
      const slow = createStorage({ ...options, endpoint: `http://127.0.0.1:${port}`, requestTimeoutMs: 150 });
      await expect(checkStorage(slow)).rejects.toMatchObject(passing);
      expect(asked).toBe(3);
    } finally {
      silent.closeAllConnections();
      silent.close();
    }
  });
});

describe.skipIf(objectStoreMissing)("checkStorage", () => {
  const store = useObjectStore("versitygw");

  it("passes on a healthy store and tells wrong credentials from an outage", async () => {
    await expect(checkStorage(store().storage)).resolves.toBeUndefined();
    const credentials = { accessKeyId: "root", secretAccessKey: "wrong" };
    const locked = createStorage({ ...store().options, credentials });
    await expect(checkStorage(locked)).rejects.toMatchObject({ code: "access_denied", retryable: false });
  });
});
