import { afterAll, beforeAll, expect, it } from "vitest";
import { readBalance, readBalances } from "../../src/ledger/balances.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { authoriseHold } from "../../src/ledger/holds.ts";
import { nanodollars, parseDollars } from "../../src/money/nanodollars.ts";
import { charge, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

it("says what is available, what is reserved, and that both together are owned", async () => {
  const account = await fundedAccount(world, { dollars: "10", creditLine: parseDollars("3") });
  const amount = parseDollars("4");
  const expiresAt = new Date(Date.now() + 60_000);
  await authoriseHold(world.ledger, { idempotencyKey: "balances-hold", account, amount, expiresAt, purpose: "call" });
  expect(await readBalance(world.database, account)).toMatchObject({
    available: parseDollars("6"),
    held: amount,
    posted: parseDollars("10"),
    floor: -parseDollars("3"),
  });
});

it("grows its sequence with every transfer, so the later of two balances is known", async () => {
  const account = await fundedAccount(world);
  const before = await readBalance(world.database, account);
  await world.ledger.post(charge(account, "balances-1", 1n));
  const after = await readBalance(world.database, account);
  expect(after.sequence).toBeGreaterThan(before.sequence);
});

it("lists thresholds from the highest down and says which one was crossed", async () => {
  const thresholds = [
    { name: "empty", level: nanodollars(0n) },
    { name: "low", level: parseDollars("2") },
  ];
  const account = await fundedAccount(world, { dollars: "10", thresholds });
  await world.ledger.post(charge(account, "balances-2", parseDollars("9")));
  const { thresholds: found } = await readBalance(world.database, account);
  expect(found.map(({ name, level, armed }) => [name, level, armed])).toEqual([
    ["low", parseDollars("2"), false],
    ["empty", 0n, true],
  ]);
});

it("reads many at once and leaves out what was never opened", async () => {
  const [one, two] = [await fundedAccount(world, { dollars: "1" }), await fundedAccount(world, { dollars: "2" })];
  const found = await readBalances(world.database, [two, accounts.purchase("never"), one]);
  expect(found.size).toBe(2);
  expect([found.get(one)?.available, found.get(two)?.available]).toEqual([parseDollars("1"), parseDollars("2")]);
});

it("refuses an account that was never opened, and one that is not a customer's", async () => {
  await fundedAccount(world);
  for (const account of [accounts.purchase("never"), accounts.revenue("purchases")])
    await expect(readBalance(world.database, account)).rejects.toMatchObject({ code: "unknown_account" });
});
