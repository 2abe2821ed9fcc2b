import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { JsonRpcProvider } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Bought, type Buyer, openBuyer, openMeter, type Session } from "../../sandbox/demo/buyer.ts";
import { pollUntil } from "../../sandbox/demo/http.ts";
import { S3_OFFER } from "../../sandbox/demo/s3-sale.ts";
import { evmMissing } from "../support/evm.ts";
import { s3Missing } from "../support/s3.ts";
import { temporalMissing } from "../support/temporal.ts";
import { startTestWorld, type TestWorld } from "../support/world.ts";

const missing = evmMissing ?? s3Missing ?? temporalMissing;

let world: TestWorld;
let buyer: Buyer;

beforeAll(async () => {
  if (missing !== undefined) return;
  world = await startTestWorld({ GRACE_SECONDS: "25", NODE_ENV: "test" });
  buyer = openBuyer(world.description);
}, 600_000);
afterAll(async () => {
  buyer?.close();
  await world?.stop();
});

async function paidSession(units: bigint): Promise<Session> {
  const session = await buyer.initiate(S3_OFFER);
  await buyer.pay(session.crypto_checkout.receiving_address, units);
  await buyer.awaitPaid(session, 90);
  return session;
}

async function buy(units: bigint): Promise<Bought> {
  const bought = await buyer.finalize(await paidSession(units));
  await buyer.awaitStatus(bought, ["active"], 90);
  return bought;
}

function openBucket(keys: Awaited<ReturnType<Buyer["credentials"]>>): S3Client {
  const credentials = { accessKeyId: keys.access_key_id, secretAccessKey: keys.secret_access_key };
  return new S3Client({
    endpoint: keys.endpoint,
    region: keys.region,
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
  });
}

async function call(method: string, path: string, init: { readonly key?: string; readonly body?: unknown } = {}) {
  const response = await fetch(`${world.description.api}${path}`, {
    method,
    headers: {
      ...(init.key === undefined ? {} : { authorization: `Bearer ${init.key}` }),
      "content-type": "application/json",
    },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
  });
  const body: unknown = await response.json();
  return { status: response.status, headers: response.headers, body: z.record(z.string(), z.unknown()).parse(body) };
}

async function vendorKey(purchaseId: string): Promise<string> {
  const answer = await call("POST", `/admin/purchases/${purchaseId}/vendor-key`, { key: world.description.keys.admin });
  return z.string().parse(answer.body.vendor_billing_api_key);
}

async function noticesOf(purchaseId: string): Promise<readonly string[]> {
  return (await world.readNotices(purchaseId)).map((notice) => notice.type);
}

describe.skipIf(missing !== undefined)(`the first sale${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  it("C21: sells one purchase to 50 parallel finalizes, and shows all of them the same key", async () => {
    const session = await paidSession(2_000_000n);
    const sold = await Promise.all(Array.from({ length: 50 }, () => buyer.finalize(session)));
    expect(new Set(sold.map(({ purchaseId }) => purchaseId)).size).toBe(1);
    expect(new Set(sold.map(({ customerKey }) => customerKey)).size).toBe(1);
    const [first] = sold;
    if (first !== undefined) await buyer.awaitStatus(first, ["active"], 90);
    const [rows] = await world.query<{ purchases: string; buckets: string }>(
      "SELECT (SELECT count(*) FROM purchases WHERE id = $1) AS purchases, (SELECT count(*) FROM purchase_buckets WHERE purchase_id = $1) AS buckets",
      [first?.purchaseId ?? ""],
    );
    expect(rows).toEqual({ purchases: "1", buckets: "1" });
  });

  it("gives credentials that work in the customer's bucket and nowhere else", async () => {
    const [mine, other] = [await buy(1_000_000n), await buy(1_000_000n)];
    const [myKeys, otherKeys] = [await buyer.credentials(mine), await buyer.credentials(other)];
    const s3 = openBucket(myKeys);
    await s3.send(new PutObjectCommand({ Bucket: myKeys.bucket, Key: "a", Body: "1" }));
    await expect(s3.send(new ListObjectsV2Command({ Bucket: otherKeys.bucket }))).rejects.toMatchObject({
      name: "AccessDenied",
    });
    await expect(
      s3.send(new PutObjectCommand({ Bucket: otherKeys.bucket, Key: "b", Body: "1" })),
    ).rejects.toMatchObject({ name: "AccessDenied" });
    await expect(s3.send(new CreateBucketCommand({ Bucket: "another-one" }))).rejects.toMatchObject({
      name: "AccessDenied",
    });
    s3.destroy();
    const anonymous = await fetch(`${myKeys.endpoint}/${myKeys.bucket}/a`);
    expect(anonymous.status).toBe(403);
  });

  it("sweeps the deposit to the vendor's wallet without ever sending gas to the deposit address", async () => {
    const session = await paidSession(1_500_000n);
    const bought = await buyer.finalize(session);
    const address = session.crypto_checkout.receiving_address;
    await pollUntil(
      { what: "the sweep", seconds: 90 },
      () =>
        world.query<{ status: string }>(
          "SELECT s.status FROM sweeps s JOIN deposits d ON d.sweep_id = s.id WHERE d.address = $1",
          [address],
        ),
      (rows) => rows[0]?.status === "swept",
    );
    const provider = new JsonRpcProvider(world.description.evm.rpc, world.description.evm.chainId, {
      staticNetwork: true,
    });
    expect([await provider.getBalance(address), await provider.getTransactionCount(address)]).toEqual([0n, 0]);
    provider.destroy();
    expect((await buyer.read(bought)).purchase.balance).toBe("1.5");
  });

  it("is metered, crosses each trigger once, runs out, and leaves nothing behind", async () => {
    const bought = await buy(5_000_000n);
    const keys = await buyer.credentials(bought);
    const s3 = openBucket(keys);
    await s3.send(new PutObjectCommand({ Bucket: keys.bucket, Key: "kept", Body: "text" }));
    const meter = openMeter(world.description, bought.purchaseId);
    expect((await meter.charge("3")).thresholds_crossed).toEqual([]);
    expect((await meter.charge("1.2")).thresholds_crossed).toEqual(["low"]);
    expect((await meter.charge("0.4")).thresholds_crossed).toEqual(["critical"]);
    expect((await meter.charge("0.38")).thresholds_crossed).toEqual(["termination"]);
    await buyer.awaitStatus(bought, ["terminated"], 120);
    await expect(s3.send(new GetObjectCommand({ Bucket: keys.bucket, Key: "kept" }))).rejects.toMatchObject({
      name: "InvalidAccessKeyId",
    });
    s3.destroy();
    expect((await call("GET", `/purchase/${bought.purchaseId}/credentials`, { key: bought.customerKey })).status).toBe(
      410,
    );
    const once = [
      "purchase.active",
      "purchase.balance_critical",
      "purchase.balance_exhausted",
      "purchase.balance_low",
      "purchase.terminated",
      "purchase.terminating",
    ];
    const notices = await pollUntil(
      { what: "all notices", seconds: 90 },
      () => noticesOf(bought.purchaseId),
      (types) => once.every((type) => types.includes(type)),
    );
    // A grace of so many seconds has its reminder half-way; a machine that stood still then is past it.
    expect(notices.filter((type) => type !== "purchase.grace_reminder").sort()).toEqual(once);
  });

  it("W08: a top-up during grace cancels the termination, and the triggers warn again", async () => {
    const session = await paidSession(1_000_000n);
    const bought = await buyer.finalize(session);
    await buyer.awaitStatus(bought, ["active"], 90);
    await openMeter(world.description, bought.purchaseId).charge("0.995");
    await buyer.awaitStatus(bought, ["grace"], 90);
    await buyer.pay(session.crypto_checkout.receiving_address, 3_000_000n);
    const recovered = await buyer.awaitStatus(bought, ["active"], 90);
    expect(recovered.purchase.balance).toBe("3.005");
    const again = await openMeter(world.description, bought.purchaseId).charge("2.9");
    expect(again.thresholds_crossed).toEqual(["low"]);
  });
});

describe.skipIf(missing !== undefined)("what a customer can do wrong", () => {
  it("402: finalizing without money sells nothing and says what is missing", async () => {
    const session = await buyer.initiate(S3_OFFER);
    const answer = await call("POST", "/checkout/finalize", {
      body: { checkout_session_id: session.checkout_session_id },
    });
    expect(answer).toMatchObject({
      status: 402,
      body: { code: "payment_not_confirmed", confirmed: "0", minimum: "1" },
    });
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
  });

  it("402: a deposit below the minimum stays the customer's, and the rest may follow", async () => {
    const session = await buyer.initiate(S3_OFFER);
    const { receiving_address: address } = session.crypto_checkout;
    await buyer.pay(address, 400_000n);
    const short = await pollUntil(
      { what: "the deposit", seconds: 90 },
      () => buyer.validate(session),
      (answer) => answer.status === "underpaid",
    );
    expect(short.confirmed === "0.4" || short.observed === "0.4").toBe(true);
    await buyer.pay(address, 600_000n);
    await pollUntil(
      { what: "the rest", seconds: 90 },
      () => buyer.validate(session),
      (answer) => answer.success,
    );
    expect((await buyer.read(await buyer.finalize(session))).purchase.balance).toBe("1");
  });

  it.each([
    "/checkout/finalize",
    "/v1/checkout/finalize",
    "/offer/aws-s3-storage/checkout/finalize",
    "/v1/offer/aws-s3-storage/checkout/finalize",
  ])("404: %s with a session nobody has", async (path) => {
    const answer = await call("POST", path, { body: { checkout_session_id: `ses_${"x".repeat(43)}` } });
    expect(answer).toMatchObject({ status: 404, body: { code: "checkout_not_found", error: expect.any(String) } });
  });

  it("400: a token or chain the offer does not take is refused before an address is given out", async () => {
    for (const body of [{ token: "USDT" }, { token: "DOGE" }, { chain: "nowhere" }]) {
      const answer = await call("POST", "/checkout/initiate", { body: { offer_id: S3_OFFER, ...body } });
      expect(answer).toMatchObject({ status: 400, body: { code: "payment_method_not_accepted" } });
    }
  });

  it("404: an offer that does not exist, by id, by path and by flow", async () => {
    expect((await call("GET", "/offer/nothing")).status).toBe(404);
    expect((await call("POST", "/offer/nothing/checkout/initiate", { body: {} })).status).toBe(404);
    expect((await call("POST", "/checkout/initiate", { body: { checkout_flow_id: "nothing" } })).status).toBe(404);
  });

  it("A09: every door of another's purchase is 404 with a valid key of one's own, and 401 with none", async () => {
    const [mine, other] = [await buy(1_000_000n), await buy(1_000_000n)];
    for (const path of ["", "/credentials"]) {
      expect((await call("GET", `/purchase/${other.purchaseId}${path}`, { key: mine.customerKey })).status).toBe(404);
      expect((await call("GET", `/v1/purchase/${other.purchaseId}${path}`)).status).toBe(401);
      expect(
        (await call("GET", `/purchase/${mine.purchaseId}${path}`, { key: await vendorKey(mine.purchaseId) })).status,
      ).toBe(403);
    }
    const usage = {
      event_id: randomUUID(),
      usage_amount: "1",
      usage_unit: "GB_MONTH",
      billed_amount: "0.1",
      purchase_id: mine.purchaseId,
    };
    const crossed = await call("POST", `/purchase/${other.purchaseId}/meter-usage`, {
      key: await vendorKey(mine.purchaseId),
      body: usage,
    });
    expect(crossed.status).toBe(404);
    expect(
      (await call("POST", `/purchase/${mine.purchaseId}/meter-usage`, { key: mine.customerKey, body: usage })).status,
    ).toBe(403);
    expect((await buyer.read(other)).purchase.balance).toBe("1");
  });
});

describe.skipIf(missing !== undefined)("metering", () => {
  it("charges an event once: a replay answers the first result, other input under its id is refused", async () => {
    const bought = await buy(2_000_000n);
    const key = await vendorKey(bought.purchaseId);
    const path = `/purchase/${bought.purchaseId}/meter-usage`;
    const body = { event_id: "e-1", usage_amount: "2", usage_unit: "GB_MONTH" };
    const [first, ...rest] = await Promise.all(Array.from({ length: 20 }, () => call("POST", path, { key, body })));
    expect([first, ...rest].every((answer) => answer?.status === 200)).toBe(true);
    const replay = await call("POST", path, { key, body });
    expect(replay.headers.get("idempotency-replayed")).toBe("true");
    expect((await call("POST", path, { key, body: { ...body, usage_amount: "3" } })).body.code).toBe(
      "idempotency_conflict",
    );
    expect((await buyer.read(bought)).purchase.balance).toBe("1.93744");
  });

  it("402: usage the balance cannot pay charges nothing and starts the end of the purchase", async () => {
    const bought = await buy(1_000_000n);
    const key = await vendorKey(bought.purchaseId);
    const body = { event_id: "too-much", usage_amount: "1", usage_unit: "x", billed_amount: "1.000000001" };
    const answer = await call("POST", `/purchase/${bought.purchaseId}/meter-usage`, { key, body });
    expect(answer).toMatchObject({ status: 402, body: { code: "insufficient_funds", balance: "1" } });
    const after = await buyer.awaitStatus(bought, ["grace", "terminating", "terminated"], 90);
    expect(after.purchase.balance).toBe("1");
  });

  it.each([
    ["a negative amount", { billed_amount: "-1" }],
    ["zero", { billed_amount: "0" }],
    ["a huge amount", { billed_amount: "99999999999999999999999" }],
    ["an exponent", { billed_amount: "1e3" }],
    ["NaN", { billed_amount: "NaN" }],
    ["unicode digits", { billed_amount: "١٢" }],
    ["less than a nanodollar", { billed_amount: "0.0000000001" }],
    ["a number that is no plain decimal", { billed_amount: 1e-9 }],
    ["a wrong type", { billed_amount: { value: 1 } }],
    ["a unit without a price", { usage_unit: "furlong" }],
    ["a time far ahead", { billed_amount: "0.1", timestamp: "2099-01-01T00:00:00Z" }],
    ["a time that is none", { billed_amount: "0.1", timestamp: "yesterday" }],
    ["no amount at all", { usage_amount: undefined }],
  ])("400: %s changes nothing", async (_name, change) => {
    const bought = await shared();
    const body = { event_id: randomUUID(), usage_amount: "1", usage_unit: "GB_MONTH", ...change };
    const answer = await call("POST", `/purchase/${bought.purchaseId}/meter-usage`, {
      key: await vendorKey(bought.purchaseId),
      body,
    });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toEqual(expect.any(String));
    expect((await buyer.read(bought)).purchase.balance).toBe("1");
  });

  let one: Promise<Bought> | undefined;
  function shared(): Promise<Bought> {
    one ??= buy(1_000_000n);
    return one;
  }
});

describe.skipIf(missing !== undefined)("afterwards", () => {
  it("the books are sound and equal to the chain", async () => {
    const run = promisify(execFile);
    const root = fileURLToPath(new URL("../..", import.meta.url));
    const environment = { ...process.env, DATABASE_URL: world.description.postgres };
    const { stdout } = await run(process.execPath, ["--import", "tsx", "src/cli/ledger.ts", "verify", "--json"], {
      cwd: root,
      env: environment,
    });
    expect(JSON.parse(stdout)).toMatchObject({ sound: true, drifts: [] });
  });

  it("C20: no session id, customer key, storage secret or mnemonic is in a log or in the database", async () => {
    const session = await paidSession(1_000_000n);
    const bought = await buyer.finalize(session);
    await buyer.awaitStatus(bought, ["active"], 90);
    const keys = await buyer.credentials(bought);
    const tables = await world.query<{ name: string }>(
      "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'",
    );
    const secrets = [session.checkout_session_id, bought.customerKey, keys.secret_access_key];
    for (const { name } of tables) {
      const rows = await world.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`);
      for (const secret of secrets)
        expect(
          rows.some(({ text }) => text.includes(secret)),
          `${name} holds a secret`,
        ).toBe(false);
    }
    const logs = `${world.api.wholeLog()}${world.worker.wholeLog()}`;
    for (const secret of secrets) expect(logs.includes(secret)).toBe(false);
  });
});
