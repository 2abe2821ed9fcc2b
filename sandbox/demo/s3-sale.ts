import { GetObjectCommand, HeadBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { SandboxDescription } from "../sandbox-file.ts";
import type { Bought, Buyer } from "./buyer.ts";
import { openBuyer, openMeter, readRecordStatus } from "./buyer.ts";
import { pollUntil } from "./http.ts";

/** The one offer the sandbox sells. */
export const S3_OFFER = "aws-s3-storage";

const FIVE_USDC = 5_000_000n;

/**
 * Plays the first sale whole, on real parts: a customer pays 5 USDC, gets a bucket, stores and reads a file, is metered below each
 * trigger, runs out, and the bucket is emptied and deleted. Says each step as it happens; throws on the first that does not.
 */
export async function playS3Sale(world: SandboxDescription, say: (line: string) => void): Promise<Bought> {
  const buyer = openBuyer(world);
  try {
    const bought = await buyBucket(world, buyer, say);
    await useBucket(buyer, bought, say);
    await runDry(world, buyer, bought, say);
    await readBuyersSide(world, bought, say);
    return bought;
  } finally {
    buyer.close();
  }
}

async function buyBucket(world: SandboxDescription, buyer: Buyer, say: (line: string) => void): Promise<Bought> {
  const session = await buyer.initiate(S3_OFFER);
  const { receiving_address: address } = session.crypto_checkout;
  say(`checkout opened; deposit address ${address}`);
  const hash = await buyer.pay(address, FIVE_USDC);
  say(`5 USDC sent in ${hash}`);
  const paid = await buyer.awaitPaid(session, 60);
  say(`deposit confirmed: ${paid.confirmed} USD`);
  const bought = await buyer.finalize(session);
  const { purchase } = await buyer.awaitStatus(bought, ["active"], 60);
  say(`purchase ${purchase.id} is ${purchase.status}, balance ${purchase.balance} USD`);
  say(
    `follow it: ${world.temporal.ui}/namespaces/${world.temporal.namespace}/workflows/${encodeURIComponent(`purchase/${purchase.id}`)}`,
  );
  return bought;
}

async function useBucket(buyer: Buyer, bought: Bought, say: (line: string) => void): Promise<void> {
  const keys = await buyer.credentials(bought);
  const s3 = new S3Client({
    endpoint: keys.endpoint,
    region: keys.region,
    forcePathStyle: true,
    credentials: { accessKeyId: keys.access_key_id, secretAccessKey: keys.secret_access_key },
  });
  const text = "The first file.";
  await s3.send(new PutObjectCommand({ Bucket: keys.bucket, Key: "hello.txt", Body: text }));
  const read = await s3.send(new GetObjectCommand({ Bucket: keys.bucket, Key: "hello.txt" }));
  if ((await read.Body?.transformToString()) !== text) throw new Error("the bucket did not give back what was stored");
  s3.destroy();
  say(`bucket ${keys.bucket} stores and reads with the customer's own keys`);
}

async function runDry(
  world: SandboxDescription,
  buyer: Buyer,
  bought: Bought,
  say: (line: string) => void,
): Promise<void> {
  const meter = openMeter(world, bought.purchaseId);
  for (const dollars of ["4.2", "0.4", "0.36"]) {
    const { balance, thresholds_crossed } = await meter.charge(dollars);
    say(`metered ${dollars} USD; balance ${balance} USD; crossed: ${thresholds_crossed.join(", ") || "nothing"}`);
  }
  const grace = await buyer.awaitStatus(bought, ["grace", "terminating", "terminated"], 30);
  say(`out of balance: ${grace.purchase.status}; without a top-up everything is deleted when grace ends`);
  const ended = await buyer.awaitStatus(bought, ["terminated"], 180);
  await confirmGone(world, ended.resources.bucket ?? "");
  say(
    `terminated: access revoked, bucket ${ended.resources.bucket} emptied and deleted, ${ended.purchase.balance} USD left on the books`,
  );
}

async function readBuyersSide(world: SandboxDescription, bought: Bought, say: (line: string) => void): Promise<void> {
  const record = bought.officexPurchaseId ?? "";
  const status = await pollUntil(
    { what: "the buyer's OfficeX record at its end", seconds: 60 },
    () => readRecordStatus(world, record),
    (answer) => answer === "ARCHIVED",
  );
  say(
    `the buyer's OfficeX record ${record} was kept up to date and is ${status}; the mails are at ${world.mail.messages}`,
  );
}

async function confirmGone(world: SandboxDescription, bucket: string): Promise<void> {
  const { endpoint, accessKeyId, secretAccessKey } = world.s3;
  const s3 = new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  const gone = await s3.send(new HeadBucketCommand({ Bucket: bucket })).then(
    () => false,
    (error: unknown) => error instanceof Error && error.name === "NotFound",
  );
  s3.destroy();
  if (!gone) throw new Error(`the bucket ${bucket} is still there`);
}
