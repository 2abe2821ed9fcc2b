import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { waitUntilAnswering } from "./answering.ts";
import { type Child, startChild } from "./child-process.ts";
import { NEVER, type Part, type Progress } from "./part.ts";
import { findTool, type Tool } from "./tool.ts";
import { VERSITYGW } from "./tools.ts";

/** How to start the S3 server; `dataDirectory` must be an absolute path. */
export type S3Options = {
  readonly runDirectory: string;
  readonly dataDirectory: string;
  readonly port: number;
  /** Made if it is not there: the bucket that cost reports are delivered to. */
  readonly billingBucket: string;
  /** Leave S3_ENDPOINT alone: tests never touch a server they did not start. */
  readonly embeddedOnly?: boolean;
  readonly progress: Progress;
};

/** An S3 server and its root keys. `isOurs` is false for a server the user gave. */
export type S3Part = Part & {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly billingBucket: string;
  readonly isOurs: boolean;
};

const Keys = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });
type Keys = z.infer<typeof Keys>;

const REGION = "us-east-1";

/** Starts versitygw with versioning and users, or takes the server that S3_ENDPOINT and the AWS keys name and starts nothing. */
export async function startS3(options: S3Options): Promise<S3Part> {
  const given = options.embeddedOnly === true ? undefined : await givenS3(options);
  if (given !== undefined) return given;
  const tool = await findTool(VERSITYGW, options.progress);
  const keys = rootKeys(options.dataDirectory);
  const endpoint = `http://127.0.0.1:${options.port}`;
  const child = await startGateway(tool, keys, options);
  const client = openClient({ endpoint, region: REGION, ...keys });
  try {
    await waitUntilAnswering(child, () => client.send(new ListBucketsCommand({})));
    await ensureBucket(client, options.billingBucket);
  } catch (error) {
    await child.stop();
    throw error;
  } finally {
    client.destroy();
  }
  return {
    name: "s3",
    source: tool.source,
    endpoint,
    region: REGION,
    ...keys,
    billingBucket: options.billingBucket,
    isOurs: true,
    died: child.exited.then((reason) => `${reason}\n${child.lastLines()}`),
    stop: child.stop,
  };
}

async function givenS3(options: S3Options): Promise<S3Part | undefined> {
  const endpoint = process.env.S3_ENDPOINT ?? "";
  if (endpoint === "") return undefined;
  const accessKeyId = process.env.AWS_ACCESS_KEY_ID ?? "";
  const secretAccessKey = process.env.AWS_SECRET_ACCESS_KEY ?? "";
  if (accessKeyId === "" || secretAccessKey === "") {
    throw new Error(
      "S3_ENDPOINT is set but AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not. Give all three, or none.",
    );
  }
  const region = process.env.AWS_REGION ?? REGION;
  await requireAnswer({ endpoint, region, accessKeyId, secretAccessKey });
  const common = { name: "s3", source: "your S3_ENDPOINT", died: NEVER, stop: async () => undefined, isOurs: false };
  return { ...common, endpoint, region, accessKeyId, secretAccessKey, billingBucket: options.billingBucket };
}

async function requireAnswer(server: Keys & { readonly endpoint: string; readonly region: string }): Promise<void> {
  const client = openClient(server);
  try {
    await client.send(new ListBucketsCommand({}));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`S3_ENDPOINT is ${server.endpoint}, but it does not let us in: ${reason}`, { cause });
  } finally {
    client.destroy();
  }
}

function openClient(server: Keys & { readonly endpoint: string; readonly region: string }): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  return new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
}

function startGateway(tool: Tool, keys: Keys, options: S3Options): Promise<Child> {
  // The gateway takes one folder for a part of another when its name begins the other's path: hence three unlike names.
  const folders = {
    users: join(options.dataDirectory, "users"),
    versions: join(options.dataDirectory, "old-versions"),
    buckets: join(options.dataDirectory, "buckets"),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  return startChild({
    name: "s3",
    command: tool.path,
    args: [
      ...["--port", `127.0.0.1:${options.port}`, "--region", REGION, "--quiet", "--iam-dir", folders.users],
      // With its user cache on, a changed secret was checked against the former one now and then.
      "--iam-cache-disable",
      ...["posix", "--versioning-dir", folders.versions, folders.buckets],
    ],
    runDirectory: options.runDirectory,
    environment: { ...process.env, ROOT_ACCESS_KEY: keys.accessKeyId, ROOT_SECRET_KEY: keys.secretAccessKey },
  });
}

function rootKeys(dataDirectory: string): Keys {
  const file = join(dataDirectory, "root-keys.json");
  if (existsSync(file)) return Keys.parse(JSON.parse(readFileSync(file, "utf8")));
  mkdirSync(dataDirectory, { recursive: true });
  const keys = {
    accessKeyId: `TK${randomBytes(9).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString("hex"),
  };
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  chmodSync(file, 0o600);
  return keys;
}

async function ensureBucket(client: S3Client, bucket: string): Promise<void> {
  const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
  if (!Buckets.some(({ Name }) => Name === bucket)) await client.send(new CreateBucketCommand({ Bucket: bucket }));
}
