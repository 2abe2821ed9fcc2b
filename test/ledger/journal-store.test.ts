import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccountName } from "../../src/ledger/chart-of-accounts.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { refOf } from "../../src/ledger/entry-digest.ts";
import { authoriseHold, releaseHold, settleHold } from "../../src/ledger/holds.ts";
import {
  selectEntry,
  selectEntryByRef,
  selectHistory,
  selectTransfers,
  selectUsage,
} from "../../src/ledger/journal-store.ts";
import { nanodollars, parseDollars } from "../../src/money/nanodollars.ts";
import { charge, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

const NEWEST = "999999999999";

async function posted(account: AccountName, key: string, amount: bigint): Promise<string> {
  return (await world.ledger.post(charge(account, key, amount))).entryId.slice(3);
}

describe("an entry", () => {
  it("is found by its number and by the ref of its key", async () => {
    const number = await posted(await fundedAccount(world), "journal-1", 1n);
    expect(await selectEntryByRef(world.database, refOf("journal-1"))).toBe(number);
    expect(await selectEntry(world.database, number)).toMatchObject({ id: number, kind: "usage_metered" });
    expect(await selectEntry(world.database, NEWEST)).toBeUndefined();
    expect(await selectEntryByRef(world.database, refOf("never"))).toBeUndefined();
  });

  it("has its transfers in the order they were paired", async () => {
    const account = await fundedAccount(world);
    const { entryId } = await world.ledger.post({
      ...{ kind: "access_sold", idempotencyKey: "journal-2" },
      postings: [
        { account, side: "debit", amount: nanodollars(10n) },
        { account: accounts.revenue("access"), side: "credit", amount: nanodollars(9n) },
        { account: accounts.platformFee("access"), side: "credit", amount: nanodollars(1n) },
      ],
    });
    expect(await selectTransfers(world.database, entryId.slice(3))).toEqual([
      { debit: account, credit: "revenue/access", amount: "9" },
      { debit: account, credit: "platform-fee/access", amount: "1" },
    ]);
  });

  it("shows its own usage and no other", async () => {
    const account = await fundedAccount(world);
    const used = await world.ledger.post({
      ...charge(account, "journal-3", 7n),
      usage: { quantity: "1.5", unit: "GB" },
    });
    const plain = await posted(account, "journal-4", 1n);
    expect(await selectUsage(world.database, used.entryId.slice(3))).toMatchObject([{ unit: "GB", amount: "7" }]);
    expect(await selectUsage(world.database, plain)).toEqual([]);
  });
});

describe("the history of an account", () => {
  it("is newest first, in pages that neither repeat nor skip", async () => {
    const account = await fundedAccount(world);
    for (let n = 1; n <= 5; n += 1) await posted(account, `page-${n}`, BigInt(n));
    const first = await selectHistory(world.database, { account, before: NEWEST, limit: 4 });
    const before = first.at(-1)?.id ?? "";
    const second = await selectHistory(world.database, { account, before, limit: 4 });
    expect([...first, ...second].map(({ change }) => change)).toEqual(["-5", "-4", "-3", "-2", "-1", "10000000000"]);
  });

  it("leaves out what was only set aside and freed, and shows what was really taken", async () => {
    const account = await fundedAccount(world);
    const expiresAt = new Date(Date.now() + 60_000);
    const hold = (key: string) =>
      authoriseHold(world.ledger, {
        idempotencyKey: key,
        account,
        amount: parseDollars("4"),
        expiresAt,
        purpose: "call",
      });
    await releaseHold(world.ledger, { holdId: (await hold("journal-hold-1")).holdId });
    await settleHold(world.ledger, {
      ...{ holdId: (await hold("journal-hold-2")).holdId, idempotencyKey: "journal-settle" },
      ...{ amount: parseDollars("1"), creditAccount: accounts.revenue("gateway") },
    });
    const history = await selectHistory(world.database, { account, before: NEWEST, limit: 10 });
    expect(history.map(({ kind, change }) => [kind, change])).toEqual([
      ["hold_settled", "-1000000000"],
      ["deposit_confirmed", "10000000000"],
    ]);
  });

  it("shows no entry of anybody else", async () => {
    const [mine, other] = [await fundedAccount(world), await fundedAccount(world)];
    await posted(other, "journal-other", 3n);
    expect(await selectHistory(world.database, { account: mine, before: NEWEST, limit: 10 })).toHaveLength(1);
    const nobody = accounts.purchase("never");
    expect(await selectHistory(world.database, { account: nobody, before: NEWEST, limit: 10 })).toEqual([]);
  });
});
