import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance } from "../../src/ledger/balances.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { authoriseHold, settleHold } from "../../src/ledger/holds.ts";
import { reverseEntry } from "../../src/ledger/reverse-entry.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { charge, codes, deposit, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

describe("a reversal", () => {
  it("L05: happens once, however many ask at once and for whatever reason", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const { entryId } = await world.ledger.post(charge(account, "l05", 400_000_000n));
    const reversals = await Promise.all(
      Array.from({ length: 40 }, (_, n) => reverseEntry(world, { entryId, reason: `reason ${n % 3}` })),
    );
    expect(new Set(reversals.map((reversal) => reversal.entryId)).size).toBe(1);
    expect(reversals.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect((await readBalance(world.database, account)).available).toBe(1_000_000_000n);
  });

  it("can itself be reversed, once", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const { entryId } = await world.ledger.post(charge(account, "twice", 400_000_000n));
    const first = await reverseEntry(world, { entryId, reason: "wrong" });
    await reverseEntry(world, { entryId: first.entryId, reason: "right after all" });
    expect((await readBalance(world.database, account)).available).toBe(600_000_000n);
  });

  it("gives what was settled from a hold back to the free funds of the account", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const hold = { account, expiresAt: new Date(Date.now() + 60_000), purpose: "call", amount: nanodollars(500n) };
    const { holdId, entry } = await authoriseHold(world.ledger, { ...hold, idempotencyKey: "rev-hold" });
    const settled = await settleHold(world.ledger, {
      holdId,
      idempotencyKey: "rev-s",
      amount: nanodollars(200n),
      creditAccount: accounts.revenue("gateway"),
    });
    await reverseEntry(world, { entryId: settled.entryId, reason: "refund" });
    expect(await readBalance(world.database, account)).toMatchObject({ available: 1_000_000_000n, held: 0n });
    await expect(reverseEntry(world, { entryId: entry.entryId, reason: "no" })).rejects.toMatchObject({
      code: "entry_not_reversible",
    });
  });

  it("refuses to take back what was spent already, and entries that never were", async () => {
    const account = await fundedAccount(world, { dollars: "0" });
    const { entryId } = await world.ledger.post(deposit(account, "spent", 100n));
    await world.ledger.post(charge(account, "spent-c", 60n));
    const ids = [entryId, "je_999999999999", "je_0", "je_1 OR 1=1", "x"];
    expect(await codes(ids.map((id) => reverseEntry(world, { entryId: id, reason: "reorg" })))).toEqual([
      "insufficient_funds",
      ...Array.from({ length: 4 }, () => "entry_not_found"),
    ]);
  });
});
