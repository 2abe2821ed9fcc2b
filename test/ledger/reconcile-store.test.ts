import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authoriseHold } from "../../src/ledger/holds.ts";
import {
  countTransfers,
  extendCheckpoints,
  liftTimeout,
  selectAccountTotals,
  selectBrokenCheckpoints,
  selectBrokenEntries,
  selectDrift,
} from "../../src/ledger/reconcile-store.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { charge, deposit, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

describe("sound books", () => {
  it("have no drift, no broken entry and no broken seal, with holds open and accounts empty", async () => {
    const account = await fundedAccount(world);
    await fundedAccount(world, { dollars: "0" });
    const expiresAt = new Date(Date.now() + 60_000);
    await authoriseHold(world.ledger, {
      ...{ idempotencyKey: "reconcile-hold", account, amount: nanodollars(5n), expiresAt, purpose: "call" },
    });
    expect(await selectDrift(world.database)).toEqual([]);
    expect(await selectBrokenEntries(world.database)).toEqual([]);
    expect(await selectBrokenCheckpoints(world.database)).toEqual([]);
  });

  it("count every transfer, and sum both sides of each account", async () => {
    const before = await countTransfers(world.database);
    const account = await fundedAccount(world, { dollars: "2" });
    await world.ledger.post(charge(account, "reconcile-1", 500n));
    await world.ledger.post(deposit(account, "reconcile-2", 100n));
    expect(await countTransfers(world.database)).toBe(before + 3);
    const line = (await selectAccountTotals(world.database)).find((row) => row.account === account);
    expect(line).toMatchObject({ normal_side: "credit", debits: "500", credits: "2000000100" });
  });
});

describe("a journal that names what does not exist", () => {
  it("shows the account as unknown in the sums, as drift, and names the entry", async () => {
    await world.owner.transaction(async (transaction) => {
      await transaction.raw("ALTER TABLE journal DISABLE TRIGGER USER");
      await transaction.raw(
        `INSERT INTO journal SELECT 900000001, 900000, credit_account, 7, created_at, gen_random_uuid(), gen_random_uuid(), 0, kind
         FROM journal WHERE leg = 0 AND credit_account < 0 LIMIT 1`,
      );
      await transaction.raw("ALTER TABLE journal ENABLE TRIGGER USER");
    });
    expect(await selectBrokenEntries(world.database)).toEqual(["900000001"]);
    expect(await selectDrift(world.database)).toMatchObject([{ account: "unknown/900000", computed_balance: "-7" }]);
    const totals = await selectAccountTotals(world.database);
    expect(totals).toContainEqual(expect.objectContaining({ account: "unknown/900000", debits: "7" }));
  });
});

describe("sealing", () => {
  it("leaves what is younger than asked unsealed, and seals each transfer once", async () => {
    expect(await extendCheckpoints(world.database, { settledSeconds: 3600, chunk: 10 })).toBe(0);
    expect(await extendCheckpoints(world.database, { settledSeconds: 0, chunk: 100_000 })).toBe(1);
    expect(await extendCheckpoints(world.database, { settledSeconds: 0, chunk: 100_000 })).toBe(0);
  });

  it("lets a round take as long as it needs without changing what other requests may take", async () => {
    const timeout = async (on: { raw: (sql: string) => PromiseLike<{ rows: { statement_timeout: string }[] }> }) =>
      (await on.raw("SHOW statement_timeout")).rows[0]?.statement_timeout;
    await world.database.transaction(async (transaction) => {
      await liftTimeout(transaction);
      expect(await timeout(transaction)).toBe("0");
    });
    for (let n = 0; n < 4; n += 1) expect(await timeout(world.database)).toBe("30s");
  });
});
