import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { listCrossings } from "../../src/ledger/crossings.ts";
import { parseDollars } from "../../src/money/nanodollars.ts";
import { charge, deposit, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

const thresholds = [
  { name: "low", level: parseDollars("3") },
  { name: "very_low", level: parseDollars("1") },
];

describe("the crossings of an account", () => {
  it("are listed oldest first, the higher level before the lower of one charge, with the balance they left", async () => {
    const account = await fundedAccount(world, { dollars: "10", thresholds });
    await world.ledger.post(charge(account, "crossings-1", parseDollars("9.5")));
    expect(await listCrossings(world.database, account)).toMatchObject([
      { name: "low", level: parseDollars("3"), balance: parseDollars("0.5") },
      { name: "very_low", level: parseDollars("1"), balance: parseDollars("0.5") },
    ]);
  });

  it("count a second crossing as its own epoch, after a credit armed the threshold again", async () => {
    const account = await fundedAccount(world, { dollars: "4", thresholds });
    await world.ledger.post(charge(account, "crossings-2", parseDollars("2")));
    await world.ledger.post(deposit(account, "crossings-3", parseDollars("8")));
    await world.ledger.post(charge(account, "crossings-4", parseDollars("8")));
    const [first, second, ...more] = await listCrossings(world.database, account);
    expect([first?.name, second?.name, more]).toEqual(["low", "low", []]);
    expect(second?.epoch).toBe((first?.epoch ?? 0) + 1);
  });

  it("are none for an account that crossed nothing or does not exist", async () => {
    const account = await fundedAccount(world, { dollars: "10", thresholds });
    expect(await listCrossings(world.database, account)).toEqual([]);
    expect(await listCrossings(world.database, accounts.purchase("never"))).toEqual([]);
  });
});
