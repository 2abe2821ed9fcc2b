import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance, readBalances } from "../../src/ledger/balances.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { authoriseHold } from "../../src/ledger/holds.ts";
import { openAccount, setCreditLine, setWakeSubject } from "../../src/ledger/open-account.ts";
import { nanodollars, parseDollars } from "../../src/money/nanodollars.ts";
import { charge, codes, deposit, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

describe("opening", () => {
  it("happens once under 50 parallel calls, and the first terms stay", async () => {
    const account = accounts.tenant("ten_parallel");
    await Promise.all(
      Array.from({ length: 50 }, () => openAccount(world.database, { account, creditLine: parseDollars("0.5") })),
    );
    await openAccount(world.database, { account, creditLine: parseDollars("9") });
    expect(await readBalance(world.database, account)).toMatchObject({
      available: 0n,
      held: 0n,
      posted: 0n,
      sequence: 0,
      floor: -500_000_000n,
    });
    const { rows } = await world.database.raw(
      "SELECT count(*)::int AS n FROM ledger_accounts WHERE name LIKE '%ten_parallel'",
    );
    expect(rows[0].n).toBe(2);
  });

  it("refuses system accounts, held accounts and impossible credit lines", async () => {
    const account = accounts.tenant("ten_refused");
    const bad = [
      { account: accounts.treasury("base", "usdc") },
      { account: accounts.held(account) },
      { account, creditLine: nanodollars(-1n) },
      { account, creditLine: nanodollars(10n ** 19n) },
    ];
    expect(await codes(bad.map((input) => openAccount(world.database, input)))).toEqual(bad.map(() => "invalid_entry"));
  });
});

describe("the credit line", () => {
  it("lets charges and holds go exactly that far below zero", async () => {
    const account = await fundedAccount(world, { dollars: "1", creditLine: parseDollars("0.5") });
    const hold = {
      account,
      expiresAt: new Date(Date.now() + 60_000),
      purpose: "call",
      idempotencyKey: `line-${account}`,
    };
    const steps = [
      () => world.ledger.post(charge(account, `line-1-${account}`, parseDollars("1.25"))),
      () => authoriseHold(world.ledger, { ...hold, amount: parseDollars("0.250000001") }),
      () => authoriseHold(world.ledger, { ...hold, amount: parseDollars("0.25") }),
      () => world.ledger.post(charge(account, `line-2-${account}`, 1n)),
    ];
    const answers: string[] = [];
    for (const step of steps) answers.push(...(await codes([step()])));
    expect(answers).toEqual(["ok", "insufficient_funds", "ok", "insufficient_funds"]);
    expect((await readBalance(world.database, account)).available).toBe(-500_000_000n);
  });

  it("can be raised at any time and lowered only to what is in use", async () => {
    const account = await fundedAccount(world, { dollars: "0", creditLine: parseDollars("1") });
    await world.ledger.post(charge(account, `used-${account}`, parseDollars("0.7")));
    const set = (dollars: string) => setCreditLine(world.database, { account, creditLine: parseDollars(dollars) });
    expect(await codes([set("0.6")])).toEqual(["credit_line_in_use"]);
    expect(await codes([set("0.7")])).toEqual(["ok"]);
    await world.ledger.post(deposit(account, `pays-${account}`, 1n));
    expect(
      await codes([setCreditLine(world.database, { account: accounts.tenant("nobody"), creditLine: nanodollars(0n) })]),
    ).toEqual(["unknown_account"]);
  });
});

describe("balances", () => {
  it("are read many at once, leaving out accounts that are not open", async () => {
    const [one, two] = [await fundedAccount(world, { dollars: "1" }), await fundedAccount(world, { dollars: "2" })];
    const found = await readBalances(world.database, [one, accounts.purchase("nobody"), two]);
    expect([...found].map(([name, { available }]) => [name, available]).sort()).toEqual(
      [
        [one, parseDollars("1")],
        [two, parseDollars("2")],
      ].sort(),
    );
    await expect(readBalance(world.database, accounts.purchase("nobody"))).rejects.toMatchObject({
      code: "unknown_account",
    });
  });

  it("carry a sequence that grows with every entry of the account", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const sequences: number[] = [];
    for (let n = 0; n < 3; n += 1) {
      await world.ledger.post(charge(account, `seq-${n}-${account}`, 1n));
      sequences.push((await readBalance(world.database, account)).sequence);
    }
    expect(sequences).toEqual([2, 3, 4]);
  });
});

describe("whom an account wakes", () => {
  it("can be said later: the next crossing wakes that workflow", async () => {
    const account = accounts.purchase("pur_wakes");
    const thresholds = [
      { name: "low", level: parseDollars("3") },
      { name: "very_low", level: parseDollars("1") },
    ];
    await openAccount(world.database, { account, thresholds });
    await setWakeSubject(world.database, { account, wakeSubject: "purchase/pur_wakes" });
    await world.ledger.post(deposit(account, "crossings-5", parseDollars("10")));
    await world.ledger.post(charge(account, "crossings-6", parseDollars("8")));
    const wakes = await world.database("wakes").where({ subject: "purchase/pur_wakes" });
    expect(wakes).toHaveLength(1);
  });

  it("is refused for an account nobody opened", async () => {
    const input = { account: accounts.purchase("never"), wakeSubject: "purchase/never" };
    await expect(setWakeSubject(world.database, input)).rejects.toMatchObject({ code: "unknown_account" });
  });
});
