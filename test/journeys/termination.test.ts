import { setTimeout as pause } from "node:timers/promises";
import {
  HeadBucketCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Bought, type Buyer, openBuyer } from "../../sandbox/demo/buyer.ts";
import { callApi } from "../../sandbox/demo/http.ts";
import { S3_OFFER } from "../../sandbox/demo/s3-sale.ts";
import { bucketName } from "../../src/integrations/aws/bucket-name.ts";
import { evmMissing } from "../support/evm.ts";
import { s3Missing } from "../support/s3.ts";
import { temporalMissing } from "../support/temporal.ts";
import { startTestWorld, type TestWorld } from "../support/world.ts";

const missing = evmMissing ?? s3Missing ?? temporalMissing;
/** 100,000 take minutes to create on a small machine: TEST_FULL_SIZE=1 asks for them. */
const VERSIONS = process.env.TEST_FULL_SIZE === "1" ? 100_000 : 5_000;
const KILLS = 5;

let world: TestWorld;
let buyer: Buyer;
let s3: S3Client;

beforeAll(async () => {
  if (missing !== undefined) return;
  world = await startTestWorld();
  buyer = openBuyer(world.description);
  const { endpoint, accessKeyId, secretAccessKey } = world.description.s3;
  s3 = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
}, 600_000);
afterAll(async () => {
  buyer?.close();
  s3?.destroy();
  await world?.stop();
});

async function buy(): Promise<Bought> {
  const session = await buyer.initiate(S3_OFFER);
  await buyer.pay(session.crypto_checkout.receiving_address, 2_000_000n);
  await buyer.awaitPaid(session, 60);
  const bought = await buyer.finalize(session);
  await buyer.awaitStatus(bought, ["active"], 90);
  return bought;
}

async function fill(Bucket: string, count: number): Promise<void> {
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < count; index = next++) {
      await s3.send(new PutObjectCommand({ Bucket, Key: `folder-${index % 100}/${index % 50_000}`, Body: "x" }));
    }
  };
  await Promise.all(Array.from({ length: 48 }, lane));
}

/** The first key that is still there: it moves on as the bucket is emptied. Undefined when nothing is left. */
async function firstKey(Bucket: string): Promise<string | undefined> {
  try {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 1 }));
    return page.Versions?.[0]?.Key;
  } catch {
    return undefined;
  }
}

async function untilMoved(bucket: string, from: string | undefined): Promise<string | undefined> {
  for (;;) {
    const now = await firstKey(bucket);
    if (now !== from || now === undefined) return now;
    await pause(50);
  }
}

describe.skipIf(missing !== undefined)(`termination${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  it(`W07: a bucket with ${VERSIONS} versions survives ${KILLS} worker kills: nothing left, nothing deleted twice, the rest refunded`, async () => {
    const [bought, neighbour] = [await buy(), await buy()];
    const [bucket, other] = [bucketName(bought.purchaseId), bucketName(neighbour.purchaseId)];
    const began = performance.now();
    await fill(bucket, VERSIONS);
    await fill(other, 3);
    const filled = performance.now();
    await callApi(
      world.description.api,
      {
        method: "POST",
        path: `/purchase/${bought.purchaseId}/cancel`,
        key: bought.customerKey,
        body: { confirm: true },
      },
      z.object({ status: z.string() }),
    );
    let first = await firstKey(bucket);
    let kills = 0;
    while (kills < KILLS) {
      first = await untilMoved(bucket, first);
      if (first === undefined) break;
      await world.worker.kill();
      await world.worker.start();
      kills += 1;
      first = await firstKey(bucket);
    }
    expect(kills).toBe(KILLS);
    await buyer.awaitStatus(bought, ["terminated"], 600);
    const seconds = (from: number, to: number) => Math.round((to - from) / 1000);
    console.log(
      `${VERSIONS} versions: filled in ${seconds(began, filled)} s, gone and refunded in ${seconds(filled, performance.now())} s`,
    );

    await expect(s3.send(new HeadBucketCommand({ Bucket: bucket }))).rejects.toMatchObject({ name: "NotFound" });
    expect((await s3.send(new ListObjectVersionsCommand({ Bucket: other }))).Versions).toHaveLength(3);
    const [row] = await world.query<{ deleted: string }>(
      "SELECT versions_deleted AS deleted FROM purchase_buckets WHERE purchase_id = $1",
      [bought.purchaseId],
    );
    // A kill may cost the count of the page it fell into, and never adds to it.
    expect(Number(row?.deleted)).toBeLessThanOrEqual(VERSIONS);
    expect(Number(row?.deleted)).toBeGreaterThan(0);
    const refunds = await world.query<{ status: string }>("SELECT status FROM refunds WHERE account = $1", [
      `purchase/${bought.purchaseId}`,
    ]);
    expect(refunds).toEqual([{ status: "paid" }]);
    const types = await world.query<{ type: string }>(
      "SELECT type FROM purchase_events WHERE purchase_id = $1 AND notify ORDER BY occurred_at, id",
      [bought.purchaseId],
    );
    expect(types.map(({ type }) => type)).toEqual([
      "purchase.active",
      "purchase.cancelled",
      "purchase.refunding",
      "purchase.refunded",
      "purchase.terminated",
    ]);
  }, 1_200_000);
});
