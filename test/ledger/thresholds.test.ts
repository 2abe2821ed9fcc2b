import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance } from "../../src/ledger/balances.ts";
import type { AccountName } from "../../src/ledger/chart-of-accounts.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { listCrossings } from "../../src/ledger/crossings.ts";
import { authoriseHold, releaseHold, settleHold } from "../../src/ledger/holds.ts";
import { openAccount, setThresholds, setWakeSubject } from "../../src/ledger/open-account.ts";
import { nanodollars, parseDollars } from "../../src/money/nanodollars.ts";
import { charge, codes, deposit, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

const levels = [
  { name: "low", level: parseDollars("5") },
  { name: "critical", level: parseDollars("2") },
  { name: "termination", level: parseDollars("1") },
];
const dollars = (text: string) => parseDollars(text);
const consumed = (account: AccountName, key: string, amount: bigint) => ({
  ...charge(account, key, amount),
  refusalCrossesThresholds: true,
});
const names = async (account: AccountName) =>
  (await listCrossings(world.database, account)).map(({ name, epoch }) => `${name} ${epoch}`);
const wake = async (subject: string) => (await world.database("wakes").where({ subject }).first("seq"))?.seq ?? null;

describe("a crossing", () => {
  it("is answered to the one charge that caused it, among 300 at once", async () => {
    const account = await fundedAccount(world, { thresholds: levels });
    const posted = await Promise.all(
      Array.from({ length: 300 }, (_, n) => world.ledger.post(charge(account, `among-${n}-${account}`, 30_000_000n))),
    );
    const told = posted.filter(({ thresholdsCrossed }) => thresholdsCrossed.length > 0);
    expect(told.map(({ thresholdsCrossed, balanceAfter }) => [thresholdsCrossed.join(), balanceAfter]).sort()).toEqual([
      ["critical", dollars("1.99")],
      ["low", dollars("4.99")],
      ["termination", dollars("1")],
    ]);
    expect(await names(account)).toEqual(["low 1", "critical 1", "termination 1"]);
  });

  it("is reported again to a replay of the charge that caused it", async () => {
    const account = await fundedAccount(world, { thresholds: levels });
    const draft = charge(account, `replayed-${account}`, dollars("6"));
    expect((await world.ledger.post(draft)).thresholdsCrossed).toEqual(["low"]);
    expect(await world.ledger.post(draft)).toMatchObject({ replayed: true, thresholdsCrossed: ["low"] });
    expect(await names(account)).toEqual(["low 1"]);
  });

  it("of several levels at once is reported highest first", async () => {
    const account = await fundedAccount(world, { thresholds: levels });
    const posted = await world.ledger.post(charge(account, `all-${account}`, dollars("9.5")));
    expect(posted.thresholdsCrossed).toEqual(["low", "critical", "termination"]);
  });

  it("M07: happens once while the balance swings 1,000 times around its level", async () => {
    const account = await fundedAccount(world, { dollars: "5.1", thresholds: levels, wakeSubject: "purchase/m07" });
    for (let n = 0; n < 1000; n += 1) {
      await world.ledger.post(charge(account, `m07-down-${n}`, dollars("0.2")));
      await world.ledger.post(deposit(account, `m07-up-${n}`, dollars("0.2")));
    }
    expect(await names(account)).toEqual(["low 1"]);
  });

  it("happens again, in a new epoch, once a credit lifted the balance clear of the level", async () => {
    const account = await fundedAccount(world, { dollars: "10", thresholds: levels });
    for (let n = 1; n <= 5; n += 1) {
      expect(
        (await world.ledger.post(charge(account, `again-down-${n}-${account}`, dollars("5")))).thresholdsCrossed,
      ).toEqual(["low"]);
      await world.ledger.post(deposit(account, `again-up-${n}-${account}`, dollars("5")));
    }
    expect(await names(account)).toEqual([1, 2, 3, 4, 5].map((epoch) => `low ${epoch}`));
  });

  it("is exact inside one batch: down, up and down again are two crossings", async () => {
    const account = await fundedAccount(world, { dollars: "6", thresholds: levels });
    const other = await fundedAccount(world);
    await world.ledger.post(charge(other, `warm-${account}`, 1n));
    const drafts = [
      charge(account, `x1-${account}`, dollars("2")),
      deposit(account, `x2-${account}`, dollars("9")),
      charge(account, `x3-${account}`, dollars("9")),
    ];
    const wordy = drafts.map((draft) => ({ ...draft, description: "forces the careful path" }));
    const posted = await Promise.all(wordy.map((draft) => world.ledger.post(draft)));
    expect(posted.map(({ thresholdsCrossed }) => thresholdsCrossed)).toEqual([["low"], [], ["low"]]);
    expect(await names(account)).toEqual(["low 1", "low 2"]);
  });

  it("never happens by setting money aside: thresholds watch what is owned", async () => {
    const account = await fundedAccount(world, { dollars: "6", thresholds: levels, wakeSubject: "purchase/held" });
    const before = await wake("purchase/held");
    const input = { account, expiresAt: new Date(Date.now() + 60_000), purpose: "call" };
    for (let n = 0; n < 5; n += 1) {
      const { holdId } = await authoriseHold(world.ledger, {
        ...input,
        idempotencyKey: `own-${n}-${account}`,
        amount: dollars("5.9"),
      });
      await releaseHold(world.ledger, { holdId });
    }
    expect([await names(account), await wake("purchase/held")]).toEqual([[], before]);
    const { holdId } = await authoriseHold(world.ledger, {
      ...input,
      idempotencyKey: `own-${account}`,
      amount: dollars("5.9"),
    });
    const settled = await settleHold(world.ledger, {
      holdId,
      idempotencyKey: `own-s-${account}`,
      amount: dollars("1"),
      creditAccount: accounts.revenue("gateway"),
    });
    expect(settled).toMatchObject({ thresholdsCrossed: ["low"], balanceAfter: dollars("5") });
  });
});

describe("a refused charge for what was consumed already", () => {
  it("posts nothing, crosses what it would have fallen through, once, and wakes", async () => {
    const account = await fundedAccount(world, { dollars: "3", thresholds: levels, wakeSubject: "purchase/refused" });
    const before = Number(await wake("purchase/refused"));
    const refusals = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        world.ledger.post(consumed(account, `refused-${n}-${account}`, dollars("3.5"))),
      ),
    );
    const crossed = refusals.flatMap((refusal) =>
      refusal.status === "rejected" ? refusal.reason.thresholdsCrossed : [],
    );
    expect(crossed).toEqual(["low", "critical", "termination"]);
    expect((await readBalance(world.database, account)).available).toBe(dollars("3"));
    expect(Number(await wake("purchase/refused"))).toBe(before + 1);
  });

  it("leaves thresholds alone when nothing was consumed", async () => {
    const account = await fundedAccount(world, { dollars: "3", thresholds: levels });
    const hold = {
      account,
      expiresAt: new Date(Date.now() + 60_000),
      purpose: "call",
      idempotencyKey: `no-${account}`,
    };
    const answers = await codes([
      world.ledger.post(charge(account, `no-c-${account}`, dollars("3.5"))),
      authoriseHold(world.ledger, { ...hold, amount: dollars("4") }),
    ]);
    expect([answers, await names(account)]).toEqual([["insufficient_funds", "insufficient_funds"], []]);
  });
});

describe("wakes", () => {
  it("are raised by credits, crossings and re-arming, and by nothing else", async () => {
    const account = await fundedAccount(world, { dollars: "10", thresholds: levels });
    await setWakeSubject(world.database, { account, wakeSubject: "purchase/wakes" });
    await world.ledger.post(charge(account, `w1-${account}`, dollars("1")));
    expect(await wake("purchase/wakes")).toBeNull();
    await world.ledger.post(charge(account, `w2-${account}`, dollars("4")));
    expect(await wake("purchase/wakes")).toBe("1");
    await world.ledger.post(deposit(account, `w3-${account}`, dollars("4")));
    expect(await wake("purchase/wakes")).toBe("2");
  });

  it("are announced on the channel the dispatcher listens to, after the commit", async () => {
    const account = await fundedAccount(world, { dollars: "0", wakeSubject: "purchase/announced" });
    const heard: string[] = [];
    const client = await world.database.client.acquireRawConnection();
    client.on("notification", (message: { payload?: string }) => heard.push(message.payload ?? ""));
    await client.query("LISTEN wakes");
    await world.ledger.post(deposit(account, `heard-${account}`, 1n));
    await client.query("SELECT 1");
    await client.end();
    expect(heard).toContain("purchase/announced");
  });
});

describe("changing thresholds", () => {
  it("crosses at once what the balance is below already, and keeps the state of those that did not change", async () => {
    const account = await fundedAccount(world, { dollars: "4", thresholds: levels });
    expect(await setThresholds(world.database, { account, thresholds: levels })).toEqual(["low"]);
    expect(await setThresholds(world.database, { account, thresholds: levels })).toEqual([]);
    const higher = [{ name: "low", level: dollars("6") }, ...levels.slice(1)];
    expect(await setThresholds(world.database, { account, thresholds: higher })).toEqual(["low"]);
    expect(await names(account)).toEqual(["low 1", "low 2"]);
  });

  it("never reuses an epoch, even where a threshold was taken away and came back", async () => {
    const account = await fundedAccount(world, { dollars: "4", thresholds: [] });
    for (let n = 1; n <= 3; n += 1) {
      await setThresholds(world.database, { account, thresholds: levels });
      await setThresholds(world.database, { account, thresholds: [] });
    }
    expect(await names(account)).toEqual(["low 1", "low 2", "low 3"]);
  });

  it("does not cross on an account that never held money", async () => {
    const account = accounts.purchase("pur_fresh");
    await openAccount(world.database, { account });
    expect(await setThresholds(world.database, { account, thresholds: levels })).toEqual([]);
    await world.ledger.post(deposit(account, "fresh", nanodollars(1n)));
    expect(await names(account)).toEqual([]);
  });

  it("refuses an account that is not open, a level above its re-arming and two of one name", async () => {
    const account = accounts.purchase("pur_not_open");
    const twice = [...levels, ...levels];
    const crooked = [{ name: "low", level: dollars("2"), rearmAbove: dollars("1") }];
    expect(
      await codes([levels, twice, crooked].map((thresholds) => setThresholds(world.database, { account, thresholds }))),
    ).toEqual(["unknown_account", "invalid_entry", "invalid_entry"]);
  });
});
