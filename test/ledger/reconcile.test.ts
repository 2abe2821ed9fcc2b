import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccountName } from "../../src/ledger/chart-of-accounts.ts";
import { readTrialBalance, sealLedger, verifyLedger } from "../../src/ledger/reconcile.ts";
import { charge, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
let account: AccountName;
const entries: string[] = [];
beforeAll(async () => {
  world = await startLedgerWorld();
  account = await fundedAccount(world, { dollars: "10" });
  for (let n = 0; n < 40; n += 1) entries.push((await world.ledger.post(charge(account, `r-${n}`, 1_000n))).entryId);
});
afterAll(() => world.close());

/** Runs SQL as somebody who can switch triggers off: what the checks are for. */
async function tamper(sql: string, values: readonly string[] = []): Promise<void> {
  await world.owner.transaction(async (transaction) => {
    await transaction.raw(
      "ALTER TABLE journal DISABLE TRIGGER USER; ALTER TABLE balances DISABLE TRIGGER USER; ALTER TABLE ledger_checkpoints DISABLE TRIGGER USER",
    );
    await transaction.raw(sql, [...values]);
    await transaction.raw(
      "ALTER TABLE journal ENABLE TRIGGER USER; ALTER TABLE balances ENABLE TRIGGER USER; ALTER TABLE ledger_checkpoints ENABLE TRIGGER USER",
    );
  });
}

describe("the trial balance", () => {
  it("has equal sums and positive balances on the normal sides", async () => {
    const trial = await readTrialBalance(world.database);
    expect(trial.debits).toBe(trial.credits);
    expect(trial.lines.map(({ account: name, balance }) => [name, balance])).toEqual([
      ["deposit-wallet/base/usdc", 10_000_000_000n],
      [account, 9_999_960_000n],
      ["revenue/purchases", 40_000n],
    ]);
  });
});

describe("verification", () => {
  it("finds nothing in sound books", async () => {
    expect(await verifyLedger(world.database)).toMatchObject({ sound: true, transfers: 41, drifts: [], tampered: [] });
  });

  it("L15: detects and locates an edit in the middle of what was sealed", async () => {
    expect(await sealLedger(world.database, { settledSeconds: 0, chunk: 10 })).toBe(5);
    expect(await sealLedger(world.database, { settledSeconds: 0, chunk: 10 })).toBe(0);
    const middle = entries[20]?.slice(3) ?? "";
    await tamper("UPDATE journal SET amount = amount + 1 WHERE entry_id = ?", [middle]);
    const found = await verifyLedger(world.database);
    expect(found.tampered).toHaveLength(1);
    const [chunk] = found.tampered;
    expect(Number(chunk?.afterEntry.slice(3))).toBeLessThan(Number(middle));
    expect(Number(chunk?.upToEntry.slice(3))).toBeGreaterThanOrEqual(Number(middle));
    expect(chunk?.reason).toBe("a transfer was changed");
    expect(found.drifts).toMatchObject([{ account, drift: 1n }]);
    await tamper("UPDATE journal SET amount = amount - 1 WHERE entry_id = ?", [middle]);
    expect(await verifyLedger(world.database)).toMatchObject({ sound: true });
  });

  it("L15: detects a removed entry, and a checkpoint rewritten to hide one", async () => {
    const removed = entries[5]?.slice(3) ?? "";
    await tamper("CREATE TABLE kept AS SELECT * FROM journal WHERE entry_id = ?", [removed]);
    await tamper("DELETE FROM journal WHERE entry_id = ?", [removed]);
    expect((await verifyLedger(world.database)).tampered).toMatchObject([
      { reason: "transfers were added or removed" },
    ]);
    await tamper(
      "UPDATE ledger_checkpoints c SET (transfers, digest) = (SELECT d.transfers, d.digest FROM digest_journal(c.after_entry, c.up_to_entry) d)",
    );
    expect((await verifyLedger(world.database)).tampered).toMatchObject([
      { reason: "the checkpoint itself was changed" },
    ]);
    await tamper("INSERT INTO journal SELECT * FROM kept");
    await tamper(
      "UPDATE ledger_checkpoints c SET (transfers, digest) = (SELECT d.transfers, d.digest FROM digest_journal(c.after_entry, c.up_to_entry) d)",
    );
    expect(await verifyLedger(world.database)).toMatchObject({ sound: true });
  });

  it("names the account of a balance that was changed behind the journal's back, and by how much", async () => {
    await tamper("UPDATE balances SET balance = balance + 7");
    expect(await verifyLedger(world.database)).toMatchObject({
      sound: false,
      driftTotal: 7n,
      drifts: [{ account, drift: 7n }],
    });
    await tamper("UPDATE balances SET balance = balance - 7");
  });

  it("finds held funds without a hold, and an entry with a missing leg", async () => {
    await tamper("UPDATE balances SET held = held + 5, balance = balance - 5");
    expect(await verifyLedger(world.database)).toMatchObject({
      sound: false,
      drifts: [{ account, drift: 0n, openHolds: 0n, stored: { held: 5n } }],
    });
    await tamper("UPDATE balances SET held = held - 5, balance = balance + 5");
    await tamper(
      "INSERT INTO journal SELECT 77, debit_account, credit_account, amount, created_at, NULL, NULL, 1, kind FROM journal WHERE entry_id = ?",
      [entries[0]?.slice(3) ?? ""],
    );
    const found = await verifyLedger(world.database);
    expect(found.brokenEntries).toEqual(["je_77"]);
  });
});
