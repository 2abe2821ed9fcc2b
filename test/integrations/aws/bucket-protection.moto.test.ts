import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitUntilAnswering } from "../../../sandbox/parts/answering.ts";
import { type Child, startChild } from "../../../sandbox/parts/child-process.ts";
import { freePort } from "../../../sandbox/parts/ports.ts";
import { findOnPath } from "../../../sandbox/parts/program.ts";
import { tagBucket } from "../../../src/integrations/aws/bucket-ownership.ts";
import {
  blockPublicAccess,
  dropAbandonedUploads,
  encryptByDefault,
  enforceBucketOwner,
} from "../../../src/integrations/aws/bucket-protection.ts";
import { createBucket, deleteBucket } from "../../../src/integrations/aws/buckets.ts";
import { emptyBucket } from "../../../src/integrations/aws/empty-bucket.ts";
import { createStorage, type Storage } from "../../../src/integrations/aws/storage.ts";
import { newPurchase, newSecret } from "./object-store.ts";

const given = process.env.MOTO_SERVER_PATH ?? findOnPath("moto_server") ?? "";

/** AWS answers these settings and versitygw does not; moto, where somebody installed it (PyPI `moto[server]`), knows them. */
describe.skipIf(given === "")("settings only AWS has (moto_server on PATH or in MOTO_SERVER_PATH)", () => {
  const directory = mkdtempSync(join(tmpdir(), "tollkeeper-moto-"));
  let child: Child | undefined;
  let storage: Storage;

  beforeAll(async () => {
    const port = await freePort();
    const endpoint = `http://127.0.0.1:${port}`;
    const args = ["--host", "127.0.0.1", "--port", String(port)];
    child = await startChild({ name: "moto", command: given, args, runDirectory: directory });
    await waitUntilAnswering(child, () => fetch(`${endpoint}/moto-api/`));
    const credentials = { accessKeyId: "testing", secretAccessKey: newSecret() };
    storage = createStorage({
      region: "eu-central-1",
      identity: "iam",
      endpoint,
      adminEndpoint: endpoint,
      credentials,
    });
  });
  afterAll(async () => {
    await child?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it("are all set in the wanted region, and again, and the bucket still goes away", async () => {
    const purchase = newPurchase();
    const bucket = { Bucket: purchase.bucket };
    for (let run = 0; run < 2; run += 1) {
      await createBucket(storage, purchase);
      await tagBucket(storage, purchase);
      expect(await enforceBucketOwner(storage, purchase)).toBe("set");
      expect(await blockPublicAccess(storage, purchase)).toBe("blocked");
      expect(await encryptByDefault(storage, purchase)).toBe("set");
      expect(await dropAbandonedUploads(storage, purchase)).toBe("set");
      const credentials = await storage.access.grant({ ...purchase, secretAccessKey: newSecret() });
      expect(credentials.accessKeyId).toMatch(/^AKIA/);
    }
    const { s3 } = storage;
    expect((await s3.send(new GetBucketLocationCommand(bucket))).LocationConstraint).toBe("eu-central-1");
    expect((await s3.send(new GetPublicAccessBlockCommand(bucket))).PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    });
    const { ServerSideEncryptionConfiguration: encryption } = await s3.send(new GetBucketEncryptionCommand(bucket));
    expect(encryption?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).toBe("AES256");
    const { Rules: rules = [] } = await s3.send(new GetBucketLifecycleConfigurationCommand(bucket));
    expect(rules.map((rule) => rule.AbortIncompleteMultipartUpload)).toEqual([{ DaysAfterInitiation: 7 }]);
    await storage.access.revoke(purchase);
    await storage.access.revoke(purchase);
    expect(await emptyBucket(storage, purchase)).toMatchObject({ done: true });
    await deleteBucket(storage, purchase);
    await deleteBucket(storage, purchase);
  });
});
