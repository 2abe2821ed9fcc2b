import { setTimeout as pause } from "node:timers/promises";
import { HeadBucketCommand, ListObjectVersionsCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Bought, type Buyer, openBuyer } from "../../sandbox/demo/buyer.ts";
import { callApi } from "../../sandbox/demo/http.ts";
import { S3_OFFER } from "../../sandbox/demo/s3-sale.ts";
import { freePort } from "../../sandbox/parts/ports.ts";
import { bucketName } from "../../src/integrations/aws/bucket-name.ts";
import { evmMissing } from "../support/evm.ts";
import { s3Missing } from "../support/s3.ts";
import { temporalMissing } from "../support/temporal.ts";
import { startTestWorld, type TestWorld } from "../support/world.ts";
import { fillBucket } from "./fill-bucket.ts";
import { type WatchedDeletions, watchDeletions } from "./watch-deletions.ts";

const missing = evmMissing ?? s3Missing ?? temporalMissing;
/** 100,000 take minutes to create on a small machine: TEST_FULL_SIZE=1 asks for them. */
const VERSIONS = process.env.TEST_FULL_SIZE === "1" ? 100_000 : 7_000;
const KILLS = 5;

/** Versions under way at a time. */
const PAGE = 1_000;

let watched: WatchedDeletions;
let world: TestWorld;
let buyer: Buyer;
let s3: S3Client;

beforeAll(async () => {
  if (missing !== undefined) return;
  const port = await freePort();
  watched = await watchDeletions(port);
  world = await startTestWorld({ S3_ENDPOINT: `http://127.0.0.1:${port}` });
  watched.aim(world.parts.s3.endpoint);
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
  await watched?.stop();
});

async function buy(): Promise<Bought> {
  const session = await buyer.initiate(S3_OFFER);
  await buyer.pay(session.crypto_checkout.receiving_address, 2_000_000n);
  await buyer.awaitPaid(session, 60);
  const bought = await buyer.finalize(session);
  await buyer.awaitStatus(bought, ["active"], 90);
  return bought;
}

async function fill(bucket: string, count: number): Promise<void> {
  const VersioningConfiguration = { Status: "Enabled" as const };
  await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
  const keyOf = (index: number) => `folder-${index % 100}/${index % (VERSIONS / 2)}`;
  await fillBucket({ ...world.parts.s3, bucket }, { count, keyOf });
}

/** Waits until another batch is on its way to the store. False when the bucket was gone before that. */
async function untilMoreAsked(bucket: string): Promise<boolean> {
  const before = watched.asked.size;
  for (;;) {
    if (watched.asked.size > before) return true;
    const there = await s3.send(new HeadBucketCommand({ Bucket: bucket })).catch(() => undefined);
    if (there === undefined) return false;
    await pause(20);
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
    let kills = 0;
    while (kills < KILLS && (await untilMoreAsked(bucket))) {
      await world.worker.kill();
      await world.worker.start();
      kills += 1;
    }
    expect(kills).toBe(KILLS);
    await buyer.awaitStatus(bought, ["terminated"], 900);
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
    // Asked twice is only what a kill left unanswered, a page at most for each: the next worker cannot know whether it went.
    const twice = [...watched.asked].filter(([, times]) => times > 1).map(([version]) => version);
    console.log(
      `asked once: ${VERSIONS - twice.length}, twice: ${twice.length}, unanswered: ${watched.unanswered.size}, counted: ${row?.deleted}`,
    );
    expect(watched.asked.size).toBe(VERSIONS);
    expect([...watched.asked.keys()].filter((version) => !version.startsWith(`${bucket} `))).toEqual([]);
    expect(twice.filter((version) => !watched.unanswered.has(version))).toEqual([]);
    expect(watched.unanswered.size).toBeLessThanOrEqual(KILLS * PAGE);
    // A kill costs the count of the page it fell into at most, and what nobody was told to be gone is never counted.
    expect(Number(row?.deleted)).toBeGreaterThanOrEqual(VERSIONS - KILLS * PAGE);
    expect(Number(row?.deleted)).toBeLessThanOrEqual(VERSIONS - (watched.unanswered.size - twice.length));
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
  }, 1_500_000);
});
