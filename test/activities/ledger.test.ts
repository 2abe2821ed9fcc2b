import { MockActivityEnvironment } from "@temporalio/testing";
import { DefaultLogger } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ledgerActivities } from "../../activities/ledger.ts";
import { readBalance } from "../../src/ledger/balances.ts";
import { authoriseHold } from "../../src/ledger/holds.ts";
import { selectLatestVerification } from "../../src/ledger/verification-store.ts";
import { parseDollars } from "../../src/money/nanodollars.ts";
import { charge, fundedAccount, type LedgerWorld, startLedgerWorld } from "../ledger/ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

/** Runs an activity as a worker does; `beats` counts its heartbeats. */
function inActivity<Result>(body: () => Promise<Result>): {
  readonly result: Promise<Result>;
  readonly beats: number[];
} {
  const environment = new MockActivityEnvironment({}, { logger: new DefaultLogger("ERROR") });
  const beats: number[] = [];
  environment.on("heartbeat", () => void beats.push(Date.now()));
  return { result: environment.run(body), beats };
}

const overdueHold = async (key: string) => {
  const account = await fundedAccount(world, { dollars: "10" });
  const expiresAt = new Date(Date.now() - 1_000);
  await authoriseHold(world.ledger, {
    idempotencyKey: key,
    account,
    amount: parseDollars("4"),
    expiresAt,
    purpose: "call",
  });
  return account;
};

describe("expireHolds", () => {
  it("frees each hold once, however many workers run it at the same time", async () => {
    const accounts = [await overdueHold("expire-1"), await overdueHold("expire-2"), await overdueHold("expire-3")];
    const runs = Array.from({ length: 4 }, () => inActivity(ledgerActivities(world).expireHolds).result);
    const freed = (await Promise.all(runs)).reduce((sum, count) => sum + count, 0);
    expect(freed).toBeGreaterThanOrEqual(3);
    for (const account of accounts)
      expect(await readBalance(world.database, account)).toMatchObject({ available: parseDollars("10"), held: 0n });
    expect(await inActivity(ledgerActivities(world).expireHolds).result).toBe(0);
  });
});

describe("tendBooks", () => {
  it("frees, verifies and keeps what it found, and says so in one sentence", async () => {
    await overdueHold("tend-1");
    const tended = await inActivity(ledgerActivities(world).tendBooks).result;
    expect(tended).toMatchObject({ sound: true, summary: expect.stringMatching(/are sound; 1 holds freed/) });
    expect(await selectLatestVerification(world.database)).toMatchObject({ sound: true, drift: "0" });
  });

  it("heartbeats while it works, so that a worker that dies is noticed, and stops afterwards", async () => {
    const account = await fundedAccount(world);
    await world.ledger.post(charge(account, "tend-2", 1n));
    const lock = await world.owner.transaction();
    await lock.raw("LOCK TABLE journal IN ACCESS EXCLUSIVE MODE");
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const { result, beats } = inActivity(ledgerActivities(world).tendBooks);
      vi.advanceTimersByTime(25_000);
      expect(beats.length).toBeGreaterThanOrEqual(1);
      await lock.rollback();
      expect((await result).sound).toBe(true);
      const before = beats.length;
      vi.advanceTimersByTime(25_000);
      expect(beats).toHaveLength(before);
    } finally {
      vi.useRealTimers();
    }
  });

  it("says which account is wrong and by how much, and repairs nothing by itself", async () => {
    const account = await fundedAccount(world);
    await world.owner.raw("ALTER TABLE balances DISABLE TRIGGER USER");
    await world.owner.raw(
      "UPDATE balances SET balance = balance + 7 WHERE account_id = (SELECT id FROM ledger_accounts WHERE name = ?)",
      [account],
    );
    await world.owner.raw("ALTER TABLE balances ENABLE TRIGGER USER");
    const tended = await inActivity(ledgerActivities(world).tendBooks).result;
    expect(tended.sound).toBe(false);
    expect(tended.summary).toContain(account);
    expect(tended.summary).toContain("0.000000007");
    expect((await readBalance(world.database, account)).available).toBe(10_000_000_007n);
  });
});
