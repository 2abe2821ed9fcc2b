import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { postCommand } from "../../src/ledger/command.ts";
import type { EntryDraft } from "../../src/ledger/entry.ts";
import { type Query, queryIn, type Statement } from "../../src/ledger/ledger-store.ts";
import { openNameDirectory, resolveOnce } from "../../src/ledger/name-directory.ts";
import { openAccount } from "../../src/ledger/open-account.ts";
import { charge, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

/** A directory on the real database that counts its questions. */
function countingDirectory() {
  const asked: string[] = [];
  const real = queryIn(world.database);
  const query: Query = <Row extends object>(statement: Statement) => {
    asked.push(statement.name);
    return real<Row>(statement);
  };
  return { directory: openNameDirectory(query), asked };
}

describe("a directory of names", () => {
  it("asks once for everything that is missing at the same time, and never again", async () => {
    const drafts: EntryDraft[] = [];
    for (let n = 0; n < 20; n += 1) drafts.push(charge(await fundedAccount(world), `names-${n}`, 1n));
    const { directory, asked } = countingDirectory();
    const resolved = await Promise.all(drafts.map((draft) => directory.resolve(postCommand(draft))));
    expect(new Set(resolved.map(({ debits }) => debits[0])).size).toBe(20);
    await Promise.all(drafts.map((draft) => directory.resolve(postCommand(draft))));
    expect(asked).toHaveLength(1);
  });

  it("knows nothing before it asked, then answers from memory", async () => {
    const command = postCommand(charge(await fundedAccount(world), "names-recall", 1n));
    const { directory } = countingDirectory();
    expect(directory.recall(command)).toBeNull();
    const resolved = await directory.resolve(command);
    expect(directory.recall(command)).toEqual(resolved);
  });

  it("gives customers positive even numbers and our own accounts negative ones", async () => {
    const { directory } = countingDirectory();
    const resolved = await directory.resolve(postCommand(charge(await fundedAccount(world), "names-signs", 1n)));
    expect([(resolved.debits[0] ?? 0) > 0, (resolved.debits[0] ?? 1) % 2, (resolved.credits[0] ?? 0) < 0]).toEqual([
      ...[true, 0, true],
    ]);
  });

  it("refuses an account nobody opened, and finds it once it is open", async () => {
    const account = accounts.purchase("pur_opened_later");
    const command = postCommand(charge(account, "names-later", 1n));
    const { directory } = countingDirectory();
    await expect(directory.resolve(command)).rejects.toMatchObject({ code: "unknown_account" });
    await openAccount(world.database, { account });
    expect((await directory.resolve(command)).debits).toHaveLength(1);
  });

  it("refuses only the command with the unknown account of those asked together", async () => {
    const { directory } = countingDirectory();
    const known = directory.resolve(postCommand(charge(await fundedAccount(world), "names-known", 1n)));
    const unknown = directory.resolve(postCommand(charge(accounts.purchase("never"), "names-unknown", 1n)));
    await expect(unknown).rejects.toMatchObject({ code: "unknown_account" });
    expect((await known).command.kind).toBe("usage_metered");
  });

  it("goes on after a question failed", async () => {
    const real = queryIn(world.database);
    let fails = true;
    const query: Query = <Row extends object>(statement: Statement) =>
      fails ? Promise.reject(new Error("the database is away")) : real<Row>(statement);
    const directory = openNameDirectory(query);
    const command = postCommand(charge(await fundedAccount(world), "names-away", 1n));
    await expect(directory.resolve(command)).rejects.toThrow("the database is away");
    fails = false;
    expect((await directory.resolve(command)).debits).toHaveLength(1);
  });
});

describe("a name resolved in a caller's transaction", () => {
  it("may be of an account which that very transaction opened", async () => {
    const account = accounts.purchase("pur_same_transaction");
    await world.database.transaction(async (transaction) => {
      await openAccount(transaction, { account });
      const resolved = await resolveOnce(queryIn(transaction), postCommand(charge(account, "names-same", 1n)));
      expect((resolved.debits[0] ?? 0) > 0).toBe(true);
    });
  });
});
