import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, describe, expect, it } from "vitest";
import { freePort } from "../../../sandbox/parts/ports.ts";
import { type S3Part, startS3 } from "../../../sandbox/parts/s3.ts";
import { s3Missing, startTestS3 } from "../../support/s3.ts";

const folder = mkdtempSync(join(tmpdir(), "tollkeeper-s3-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function clientOf({ endpoint, region, accessKeyId, secretAccessKey }: S3Part): S3Client {
  return new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey } });
}

async function start(): Promise<S3Part> {
  const common = { runDirectory: folder, dataDirectory: join(folder, "data"), billingBucket: "reports" };
  return startS3({ ...common, port: await freePort(), embeddedOnly: true, progress: (line) => console.log(line) });
}

describe.skipIf(s3Missing !== undefined)("the S3 server", () => {
  it("comes with the bucket for cost reports and lets nobody in with another key", async () => {
    const part = await startTestS3();
    const { Buckets } = await clientOf(part).send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toEqual(["billing-reports"]);
    const stranger = clientOf({ ...part, secretAccessKey: "another" });
    await expect(stranger.send(new ListBucketsCommand({}))).rejects.toThrow();
    await part.stop();
  });

  it("keeps keys, buckets, objects and their older versions over a restart", async () => {
    const first = await start();
    const Bucket = "kept";
    const client = clientOf(first);
    await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    for (const Body of ["one", "two"]) await client.send(new PutObjectCommand({ Bucket, Key: "note", Body }));
    await first.stop();
    const second = await start();
    expect(second.secretAccessKey).toBe(first.secretAccessKey);
    const again = clientOf(second);
    const note = await again.send(new GetObjectCommand({ Bucket, Key: "note" }));
    expect(await note.Body?.transformToString()).toBe("two");
    const { Versions } = await again.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions).toHaveLength(2);
    await second.stop();
  });
});
