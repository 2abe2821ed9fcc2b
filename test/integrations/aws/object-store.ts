import { randomBytes, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, inject } from "vitest";
import { waitUntilAnswering } from "../../../sandbox/parts/answering.ts";
import { type Child, startChild } from "../../../sandbox/parts/child-process.ts";
import { freePort } from "../../../sandbox/parts/ports.ts";
import type { BucketCredentials } from "../../../src/integrations/aws/bucket-access.ts";
import { bucketName } from "../../../src/integrations/aws/bucket-name.ts";
import { type PurchaseBucket, tagBucket } from "../../../src/integrations/aws/bucket-ownership.ts";
import { createBucket } from "../../../src/integrations/aws/buckets.ts";
import { createStorage, type Storage, type StorageOptions } from "../../../src/integrations/aws/storage.ts";
import { s3Missing } from "../../support/s3.ts";
import { testTool } from "../../support/tools.ts";

/** A real S3 server of the test's own, empty, and our adapters signed in as its root. */
export type ObjectStore = {
  readonly options: StorageOptions & { readonly endpoint: string; readonly credentials: BucketCredentials };
  readonly storage: Storage;
  readonly stop: () => Promise<void>;
};

/** Why tests on a real object store cannot run here, or undefined when they can. For `describe.skipIf`. */
export const objectStoreMissing = s3Missing;

/**
 * Gives the tests of this block one store of their own: versitygw on a free port. With `identity` "iam" a second process of it
 * serves the IAM API and the gateway enforces the policies set there, so the calls and their effects are those of AWS.
 */
export function useObjectStore(identity: "iam" | "versitygw"): () => ObjectStore {
  let store: ObjectStore | undefined;
  beforeAll(async () => {
    store = await startObjectStore(identity);
  });
  afterAll(() => store?.stop());
  return () => {
    if (store === undefined) throw new Error("The store is there inside a test only.");
    return store;
  };
}

async function startObjectStore(identity: "iam" | "versitygw"): Promise<ObjectStore> {
  const directory = mkdtempSync(join(tmpdir(), "tollkeeper-store-"));
  const credentials = { accessKeyId: "root", secretAccessKey: randomBytes(20).toString("hex") };
  const runDirectory = inject("runDirectory");
  const command = await versitygw();
  const children: Child[] = [];
  const stop = async () => {
    for (const child of children.toReversed()) await child.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  const start = async (name: string, serverArguments: readonly string[]) => {
    const port = await freePort();
    const environment = { ...process.env, ROOT_ACCESS_KEY: "root", ROOT_SECRET_KEY: credentials.secretAccessKey };
    const args = ["--port", `127.0.0.1:${port}`, "--quiet", ...serverArguments];
    const child = await startChild({ name: `${name}-${port}`, command, args, runDirectory, environment });
    children.push(child);
    const url = `http://127.0.0.1:${port}`;
    await waitUntilAnswering(child, () => fetch(url, { redirect: "manual" }), { withinMs: 20_000 });
    return url;
  };
  try {
    const { iam, gateway } = serverArguments(directory, identity);
    const address = iam === undefined ? {} : { adminEndpoint: await start("test-iam", iam) };
    const endpoint = await start("test-s3", gateway);
    const options = { region: "us-east-1", identity, credentials, endpoint, ...address };
    return { options, storage: createStorage(options), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A purchase nobody else has, with the name of its bucket and of its storage user. */
export function newPurchase(): PurchaseBucket & { readonly userName: string } {
  const purchaseId = `pur_${randomUUID()}`;
  const bucket = bucketName(purchaseId);
  return { purchaseId, bucket, userName: bucket };
}

/** A purchase whose bucket is made and tagged. */
export async function newBucket(store: ObjectStore): Promise<ReturnType<typeof newPurchase>> {
  const purchase = newPurchase();
  await createBucket(store.storage, purchase);
  await tagBucket(store.storage, purchase);
  return purchase;
}

/** An S3 client of a customer's own, signed with `credentials`. */
export function clientOf(store: ObjectStore, credentials: BucketCredentials): S3Client {
  const { endpoint, region } = store.options;
  return new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
}

/** A secret as callers make them. */
export function newSecret(): string {
  return randomBytes(30).toString("base64url");
}

function serverArguments(
  directory: string,
  identity: "iam" | "versitygw",
): { readonly iam: readonly string[] | undefined; readonly gateway: readonly string[] } {
  // The gateway takes "objects" inside "objects-versions" for nesting: the names must not share a prefix.
  const [data, versions, users] = ["objects", "versions", "users"].map((name) => join(directory, name));
  if (data === undefined || versions === undefined || users === undefined) throw new Error("no directories");
  for (const path of [data, versions, users]) mkdirSync(path);
  const backend = ["posix", "--versioning-dir", versions, data];
  if (identity === "versitygw") return { iam: undefined, gateway: ["--iam-dir", users, ...backend] };
  const socket = join(directory, "iam.sock");
  return {
    iam: ["iam", "--dir", users, "--private-ports", socket],
    gateway: ["--iam-standalone-endpoint", socket, ...backend],
  };
}

async function versitygw(): Promise<string> {
  const tool = await testTool("versitygw");
  if ("missing" in tool) throw new Error(tool.missing);
  return tool.path;
}
