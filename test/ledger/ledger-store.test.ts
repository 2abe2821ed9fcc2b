import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { authoriseHold, releaseHold } from "../../src/ledger/holds.ts";
import { queryIn, resolveNames, selectDueHolds } from "../../src/ledger/ledger-store.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

describe("names turned into numbers", () => {
  it("come in the order asked, the unknown customer as null", async () => {
    const account = await fundedAccount(world);
    const names = { accounts: [accounts.purchase("never"), account], kinds: ["usage_metered", "deposit_confirmed"] };
    const found = await resolveNames(queryIn(world.database), names);
    expect(found.accounts[0]).toBeNull();
    expect((found.accounts[1] ?? 0) > 0).toBe(true);
    expect(new Set(found.kinds).size).toBe(2);
  });

  it("make an account of ours on first use, once for everybody who asks at the same time", async () => {
    const names = { accounts: [accounts.revenue("first-use")], kinds: ["usage_metered"] };
    const answers = await Promise.all(Array.from({ length: 6 }, () => resolveNames(queryIn(world.database), names)));
    expect(new Set(answers.map((answer) => answer.accounts[0])).size).toBe(1);
    expect(answers[0]?.accounts[0]).toBeLessThan(0);
  });

  it("are nothing for nothing", async () => {
    expect(await resolveNames(queryIn(world.database), { accounts: [], kinds: [] })).toEqual({
      accounts: [],
      kinds: [],
    });
  });
});

describe("a statement in a caller's transaction", () => {
  it("is undone with it", async () => {
    const name = accounts.revenue("rolled-back");
    await world.database
      .transaction(async (transaction) => {
        await resolveNames(queryIn(transaction), { accounts: [name], kinds: [] });
        throw new Error("undo");
      })
      .catch(() => undefined);
    expect(await world.database("ledger_accounts").where({ name })).toEqual([]);
  });

  it("takes its values in order and never as SQL", async () => {
    const query = queryIn(world.database);
    const values = ["'; DROP TABLE journal; --", "?"];
    expect(await query({ name: "echo", text: "SELECT $1::text AS one, $2::text AS two", values })).toEqual([
      { one: values[0], two: values[1] },
    ]);
  });
});

describe("the holds whose time has come", () => {
  it("are the open ones only, the longest overdue first, no more than asked for", async () => {
    const account = await fundedAccount(world);
    const hold = (key: string, secondsAgo: number) =>
      authoriseHold(world.ledger, {
        ...{ idempotencyKey: key, account, amount: nanodollars(5n), purpose: "call" },
        expiresAt: new Date(Date.now() - secondsAgo * 1000),
      });
    const [young, old, gone] = [await hold("due-1", 1), await hold("due-2", 60), await hold("due-3", 30)];
    await hold("due-4", -600);
    await releaseHold(world.ledger, { holdId: gone.holdId });
    const due = await selectDueHolds(world.database, 10);
    expect(due.map((ref) => `hold_${ref}`)).toEqual([old.holdId, young.holdId]);
    expect(await selectDueHolds(world.database, 1)).toHaveLength(1);
  });
});
