import { setTimeout as pause } from "node:timers/promises";
import { JsonRpcProvider } from "ethers";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bought, type Buyer, openBuyer, openMeter, type Session } from "../../sandbox/demo/buyer.ts";
import { pollUntil, UnexpectedAnswer } from "../../sandbox/demo/http.ts";
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
  world = await startTestWorld({ GRACE_SECONDS: "2" });
  buyer = openBuyer(world.description);
}, 600_000);
afterAll(async () => {
  buyer?.close();
  await world?.stop();
});

async function paidSession(units: bigint): Promise<Session> {
  const session = await buyer.initiate(S3_OFFER);
  await buyer.pay(session.crypto_checkout.receiving_address, units);
  await buyer.awaitPaid(session, 60);
  return session;
}

/** Kills the worker without warning and starts another, `times` times, with pauses that fall anywhere in its work. */
async function harassWorker(times: number, longestPauseMs: number): Promise<void> {
  for (let round = 0; round < times; round += 1) {
    await pause((longestPauseMs * (round + 1)) / times);
    await world.worker.kill();
    await world.worker.start();
  }
}

/** What was told about a purchase, each notice once: a delivery may be repeated when its worker dies, under the same id. */
async function noticeTypes(bought: Bought): Promise<readonly string[]> {
  const notices = await world.readNotices(bought.purchaseId);
  return [...new Map(notices.map((notice) => [notice.id, notice.type])).values()];
}

describe.skipIf(missing !== undefined)(`faults${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  it("T01: a worker killed again and again through a whole sale loses nothing and doubles nothing", async () => {
    const session = await paidSession(2_000_000n);
    const [bought] = await Promise.all([buyer.finalize(session), harassWorker(3, 1_500)]);
    await buyer.awaitStatus(bought, ["active"], 90);
    await openMeter(world.description, bought.purchaseId).charge("1.99");
    const harassed = harassWorker(3, 4_000);
    await buyer.awaitStatus(bought, ["terminated"], 120);
    await harassed;

    const address = session.crypto_checkout.receiving_address;
    const sweeps = () =>
      world.query<{ status: string; attempts: number }>(
        "SELECT s.status FROM sweeps s JOIN deposits d ON d.sweep_id = s.id WHERE d.address = $1",
        [address],
      );
    expect(
      await pollUntil({ what: "the sweep", seconds: 90 }, sweeps, (rows) => rows[0]?.status === "swept"),
    ).toHaveLength(1);
    const provider = new JsonRpcProvider(world.description.evm.rpc, world.description.evm.chainId, {
      staticNetwork: true,
    });
    const [wallet] = await world.query<{ from_address: string; count: string }>(
      "SELECT from_address, count(*) AS count FROM outgoing_transactions GROUP BY from_address",
    );
    expect(await provider.getTransactionCount(wallet?.from_address ?? "")).toBe(Number(wallet?.count));
    provider.destroy();
    const entries = await world.query<{ kind: string; count: string }>(
      "SELECT k.name AS kind, count(*) AS count FROM journal j JOIN entry_kinds k ON k.id = j.kind WHERE j.leg = 0 GROUP BY k.name",
    );
    expect(Object.fromEntries(entries.map(({ kind, count }) => [kind, count]))).toEqual({
      deposit_confirmed: "1",
      deposit_swept: "1",
      network_fee_paid: "1",
      usage_metered: "1",
    });
    const types = await pollUntil(
      { what: "the last notice", seconds: 90 },
      () => noticeTypes(bought),
      (list) => list.includes("purchase.terminated"),
    );
    expect(new Set(types).size).toBe(types.length);
  }, 400_000);

  it("A05: an API killed while it finalizes gives the same purchase to the same session afterwards", async () => {
    const session = await paidSession(1_000_000n);
    const cut = buyer.finalize(session).catch(() => undefined);
    await pause(150);
    await world.api.kill();
    await cut;
    await world.api.start();
    const bought = await pollUntil(
      { what: "the API", seconds: 90 },
      () => buyer.finalize(session).catch(() => undefined),
      (sold) => sold !== undefined,
    );
    expect(bought).toBeDefined();
    expect(
      await world.query(
        "SELECT p.id FROM purchases p JOIN checkouts c ON c.id = p.checkout_id WHERE c.deposit_address = $1",
        [session.crypto_checkout.receiving_address],
      ),
    ).toHaveLength(1);
  }, 240_000);

  it("C05: a chain node that hangs is no error to the customer, and the deposit counts when it is back", async () => {
    const session = await buyer.initiate(S3_OFFER);
    world.freeze("evm");
    const asked = await buyer.validate(session);
    expect(asked).toMatchObject({ success: false, status: "awaiting_deposit" });
    world.thaw("evm");
    await buyer.pay(session.crypto_checkout.receiving_address, 1_000_000n);
    await pollUntil(
      { what: "the deposit", seconds: 90 },
      () => buyer.validate(session),
      (answer) => answer.success,
    );
  }, 240_000);

  it("a store that hangs makes the product late, never lost: 202 first, active when it is back", async () => {
    const session = await paidSession(1_000_000n);
    world.freeze("s3");
    const answer = await fetch(`${world.description.api}/checkout/finalize`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ checkout_session_id: session.checkout_session_id }),
    });
    expect(answer.status).toBe(202);
    expect(answer.headers.get("retry-after")).toBe("2");
    await answer.json();
    world.thaw("s3");
    const bought = await buyer.finalize(session);
    await buyer.awaitStatus(bought, ["active"], 90);
  }, 240_000);

  it("T05: with Temporal away checkouts open, usage is charged, and what waits happens when it is back", async () => {
    const session = await paidSession(1_000_000n);
    const bought = await buyer.finalize(session);
    await buyer.awaitStatus(bought, ["active"], 90);
    world.freeze("temporal");
    const metered = await openMeter(world.description, bought.purchaseId).charge("0.85");
    expect(metered).toEqual({ balance: "0.15", thresholds_crossed: ["low"] });
    expect((await buyer.initiate(S3_OFFER)).checkout_session_id).not.toBe("");
    await pause(1_000);
    world.thaw("temporal");
    await buyer.awaitStatus(bought, ["low"], 90);
  }, 240_000);

  it("connections to the database cut under the processes are opened again", async () => {
    const session = await paidSession(1_000_000n);
    const bought = await buyer.finalize(session);
    await buyer.awaitStatus(bought, ["active"], 90);
    const client = new pg.Client({ connectionString: world.description.postgres });
    await client.connect();
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()",
    );
    await client.end();
    // A call that meets a connection in the moment it dies is told to come back (503, Retry-After); its event counts once all the same.
    const charge = () =>
      openMeter(world.description, bought.purchaseId)
        .charge("0.1", "after-the-cut")
        .catch((error: unknown) => {
          if (error instanceof UnexpectedAnswer && error.status === 503) return undefined;
          throw error;
        });
    const answered = (): ReturnType<typeof charge> =>
      pollUntil({ what: "the charge", seconds: 90 }, charge, (answer) => answer !== undefined);
    expect((await answered())?.balance).toBe("0.9");
    expect((await answered())?.balance).toBe("0.9");
  }, 240_000);
});
