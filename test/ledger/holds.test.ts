import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance } from "../../src/ledger/balances.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { authoriseHold, expireHold, expireHolds, releaseHold, settleHold } from "../../src/ledger/holds.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { codes, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

const later = () => new Date(Date.now() + 60_000);
const revenue = accounts.revenue("gateway");

describe("authorise", () => {
  it("L01: grants exactly 37 of 1,000 parallel holds on a balance that fits 37", async () => {
    const account = await fundedAccount(world, { dollars: "3.7999" });
    const answers = await codes(
      Array.from({ length: 1000 }, (_, index) =>
        authoriseHold(world.ledger, hold(account, `l01-${index}`, 100_000_000n)),
      ),
    );
    expect(answers.filter((answer) => answer === "ok")).toHaveLength(37);
    expect(answers.filter((answer) => answer === "insufficient_funds")).toHaveLength(963);
    const balance = await readBalance(world.database, account);
    expect(balance).toMatchObject({ available: 99_900_000n, held: 3_700_000_000n, posted: 3_799_900_000n });
  });

  it("sets aside once, however often it is repeated, and keeps the hold's id", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const [first, second] = await Promise.all(
      [1, 2].map(() => authoriseHold(world.ledger, hold(account, "twice", 400_000_000n))),
    );
    const third = await authoriseHold(world.ledger, hold(account, "twice", 400_000_000n));
    expect(new Set([first?.holdId, second?.holdId, third.holdId]).size).toBe(1);
    expect(third.entry.replayed).toBe(true);
    expect((await readBalance(world.database, account)).held).toBe(400_000_000n);
    await expect(authoriseHold(world.ledger, hold(account, "twice", 500_000_000n))).rejects.toMatchObject({
      code: "idempotency_conflict",
    });
  });
});

describe("settle", () => {
  it("L03: refuses more than was held, says how much that was, and leaves the hold open", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const { holdId } = await authoriseHold(world.ledger, hold(account, "l03", 300_000_000n));
    await expect(settle(holdId, "l03-settle", 300_000_001n)).rejects.toMatchObject({
      code: "hold_exceeded",
      members: { held: "0.3" },
    });
    expect(await settle(holdId, "l03-settle", 300_000_000n)).toMatchObject({
      replayed: false,
      balanceAfter: 700_000_000n,
    });
  });

  it("frees what was not used and records the usage on the hold's account", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const { holdId } = await authoriseHold(world.ledger, hold(account, "partly", 900_000_000n));
    const usage = {
      quantity: "12.000000001",
      unit: "tokens",
      occurredAt: new Date("2026-11-01T00:00:00Z"),
      metadata: { model: 'a"b\\c' },
    };
    const entry = await settleHold(world.ledger, {
      holdId,
      idempotencyKey: "partly-s",
      amount: nanodollars(1n),
      creditAccount: revenue,
      usage,
    });
    expect(entry.balanceAfter).toBe(999_999_999n);
    const { rows } = await world.database.raw(
      "SELECT u.* FROM usage_records u JOIN ledger_accounts a ON a.id = u.account_id WHERE a.name = ?",
      [account],
    );
    expect(rows).toMatchObject([
      { quantity: "12.000000001", unit: "tokens", amount: "1", metadata: { model: 'a"b\\c' } },
    ]);
  });

  it("may use nothing at all", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const { holdId } = await authoriseHold(world.ledger, hold(account, "nothing", 900_000_000n));
    expect(await settle(holdId, "nothing-s", 0n)).toMatchObject({ balanceAfter: 1_000_000_000n });
  });

  it("splits over several accounts when asked, and refuses a split that does not add up", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const { holdId } = await authoriseHold(world.ledger, hold(account, "split", 500_000_000n));
    const credits = [
      { account: revenue, amount: nanodollars(70n) },
      { account: accounts.platformFee("gateway"), amount: nanodollars(30n) },
    ];
    const input = { holdId, idempotencyKey: "split-s", creditAccount: revenue, credits };
    await expect(settleHold(world.ledger, { ...input, amount: nanodollars(99n) })).rejects.toMatchObject({
      code: "invalid_entry",
    });
    const entry = await settleHold(world.ledger, { ...input, amount: nanodollars(100n) });
    expect(entry.balanceAfter).toBe(999_999_900n);
  });

  it("L02: lets one of settle and release win and gives the other a stable answer", async () => {
    for (let round = 0; round < 20; round += 1) {
      const account = await fundedAccount(world, { dollars: "1" });
      const { holdId } = await authoriseHold(world.ledger, hold(account, `l02-${round}`, 900_000_000n));
      const pair = () => codes([settle(holdId, `l02-s-${round}`, 100_000_000n), releaseHold(world.ledger, { holdId })]);
      const first = await pair();
      expect([...first].sort()).toEqual(["hold_already_closed", "ok"]);
      expect(await pair()).toEqual(first);
      const { held, available } = await readBalance(world.database, account);
      expect({ held, available }).toEqual({ held: 0n, available: first[0] === "ok" ? 900_000_000n : 1_000_000_000n });
    }
  });

  it("settles once when 50 different requests settle the same hold in parallel", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const { holdId } = await authoriseHold(world.ledger, hold(account, "many", 900_000_000n));
    const answers = await codes(Array.from({ length: 50 }, (_, index) => settle(holdId, `many-${index}`, 10_000_000n)));
    expect(answers.filter((answer) => answer === "ok")).toHaveLength(1);
    expect((await readBalance(world.database, account)).available).toBe(990_000_000n);
  });

  it("refuses a hold that never was", async () => {
    await expect(settle("hold_00000000000000000000000000000000", "never", 1n)).rejects.toMatchObject({
      code: "hold_not_found",
    });
    await expect(settle("'; DROP TABLE holds --", "never", 1n)).rejects.toMatchObject({ code: "hold_not_found" });
  });
});

describe("expire", () => {
  it("frees holds whose time has come, once, and refuses to settle them", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const past = { expiresAt: new Date(Date.now() - 1000) };
    const holds = await Promise.all(
      [1, 2, 3].map((index) =>
        authoriseHold(world.ledger, { ...hold(account, `due-${index}`, 100_000_000n), ...past }),
      ),
    );
    await expect(settle(holds[0]?.holdId ?? "", "due-s", 1n)).rejects.toMatchObject({ code: "hold_expired" });
    const [once, twice] = await Promise.all([expireHolds(world), expireHolds(world)]);
    expect(once + twice).toBeGreaterThanOrEqual(3);
    expect(await readBalance(world.database, account)).toMatchObject({ held: 0n, available: 1_000_000_000n });
  });

  it("refuses to expire a hold whose time has not come", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const { holdId } = await authoriseHold(world.ledger, hold(account, "early", 1n));
    await expect(expireHold(world.ledger, { holdId })).rejects.toMatchObject({ code: "hold_not_expired" });
  });
});

function hold(account: ReturnType<typeof accounts.purchase>, idempotencyKey: string, amount: bigint) {
  return { idempotencyKey, account, amount: nanodollars(amount), expiresAt: later(), purpose: "gateway call" };
}

function settle(holdId: string, idempotencyKey: string, amount: bigint) {
  return settleHold(world.ledger, { holdId, idempotencyKey, amount: nanodollars(amount), creditAccount: revenue });
}
