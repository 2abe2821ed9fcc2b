import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  openAccountRow,
  selectBalances,
  setCreditLineRow,
  setThresholdRows,
  setWakeSubjectRow,
} from "../../src/ledger/account-store.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { parseDollars } from "../../src/money/nanodollars.ts";
import { charge, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

const opening = { creditLine: 0n, wakeSubject: null, thresholds: [] };
const low = (level: bigint) => [{ name: "low", level, rearmAbove: level }];

describe("opening an account", () => {
  it("gives it one positive even number for good, however many open it at once", async () => {
    const account = accounts.tenant("store_1");
    const ids = await Promise.all(
      Array.from({ length: 8 }, () => openAccountRow(world.database, { account, ...opening })),
    );
    expect(new Set(ids).size).toBe(1);
    expect([Number(ids[0]) > 0, Number(ids[0]) % 2]).toEqual([true, 0]);
  });

  it("keeps the credit line as the floor below zero", async () => {
    const account = accounts.tenant("store_2");
    await openAccountRow(world.database, { account, ...opening, creditLine: 700n });
    expect(await selectBalances(world.database, [account])).toMatchObject([{ balance: "0", held: "0", floor: "-700" }]);
  });
});

describe("thresholds", () => {
  it("are replaced as a whole, and one the balance lies below is crossed at once", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    expect(await setThresholdRows(world.database, account, low(1n))).toEqual([]);
    expect(await setThresholdRows(world.database, account, low(parseDollars("5")))).toEqual(["low"]);
    const [row] = await selectBalances(world.database, [account]);
    expect(row?.thresholds).toMatchObject([{ name: "low", level: "5000000000", armed: false }]);
  });

  it("of an account nobody opened are refused by the database", async () => {
    await expect(setThresholdRows(world.database, accounts.purchase("never"), low(1n))).rejects.toMatchObject({
      code: "23503",
    });
  });
});

describe("the credit line", () => {
  it("cannot be lowered below what is in use", async () => {
    const account = await fundedAccount(world, { dollars: "0", creditLine: parseDollars("5") });
    await world.ledger.post(charge(account, "account-store-1", parseDollars("3")));
    await expect(setCreditLineRow(world.database, account, parseDollars("2"))).rejects.toMatchObject({ code: "23514" });
    expect(await setCreditLineRow(world.database, account, parseDollars("3"))).toBe(true);
    expect(await selectBalances(world.database, [account])).toMatchObject([{ floor: "-3000000000" }]);
  });

  it("exists for customer accounts only", async () => {
    const account = await fundedAccount(world);
    await world.ledger.post(charge(account, "account-store-2", 1n));
    for (const other of [accounts.revenue("purchases"), accounts.held(account), accounts.purchase("never")])
      expect(await setCreditLineRow(world.database, other, 1n)).toBe(false);
  });
});

it("sets whom to wake on customer accounts only", async () => {
  const account = await fundedAccount(world);
  await world.ledger.post(charge(account, "crossing-store-2", 1n));
  const wakeSubject = "purchase/pur_x";
  expect(await setWakeSubjectRow(world.database, { account, wakeSubject })).toBe(true);
  for (const other of [accounts.revenue("purchases"), accounts.held(account), accounts.purchase("never")])
    expect(await setWakeSubjectRow(world.database, { account: other, wakeSubject })).toBe(false);
});
