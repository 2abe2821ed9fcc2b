import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccountName } from "../../src/ledger/chart-of-accounts.ts";
import { explainEntry } from "../../src/ledger/explain.ts";
import { reverseEntry } from "../../src/ledger/reverse-entry.ts";
import { charge, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
let account: AccountName;
beforeAll(async () => {
  world = await startLedgerWorld();
  account = await fundedAccount(world);
});
afterAll(() => world.close());

describe("an entry explained", () => {
  it("says what moved, why, what was used, and under which key", async () => {
    const occurredAt = new Date(Date.now() - 3_600_000);
    const { entryId, postedAt } = await world.ledger.post({
      ...charge(account, "explain-1", 250n),
      description: "a quarter of a terabyte",
      metadata: { invoice: "7" },
      usage: { quantity: "250", unit: "GB", occurredAt },
    });
    expect(await explainEntry(world.database, entryId)).toEqual({
      ...{ entryId, kind: "usage_metered", postedAt, idempotencyKey: "explain-1" },
      ...{ description: "a quarter of a terabyte", metadata: { invoice: "7" }, reversedBy: null },
      transfers: [{ debit: account, credit: "revenue/purchases", amount: 250n }],
      usage: [{ quantity: expect.stringMatching(/^250(\.0+)?$/), unit: "GB", occurredAt }],
    });
  });

  it("is found by its number and by its key, even where no words were kept", async () => {
    const { entryId } = await world.ledger.post(charge(account, "explain-2", 1n));
    for (const name of ["explain-2", entryId, entryId.slice(3)])
      expect(await explainEntry(world.database, name)).toMatchObject({ entryId, idempotencyKey: null, usage: [] });
  });

  it("names the entry that took it back", async () => {
    const { entryId } = await world.ledger.post(charge(account, "explain-3", 5n));
    const back = await reverseEntry(world, { entryId, reason: "charged twice" });
    expect((await explainEntry(world.database, entryId)).reversedBy).toBe(back.entryId);
  });

  it.each(["je_999999999", "0", "je_0", "no such key", "", "'; --"])(
    "that does not exist, %j, is 404",
    async (name) => {
      await expect(explainEntry(world.database, name)).rejects.toMatchObject({ code: "entry_not_found", status: 404 });
    },
  );
});
