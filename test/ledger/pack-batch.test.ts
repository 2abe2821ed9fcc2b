import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance } from "../../src/ledger/balances.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { type LedgerCommand, postCommand } from "../../src/ledger/command.ts";
import type { EntryDraft } from "../../src/ledger/entry.ts";
import { explainEntry } from "../../src/ledger/explain.ts";
import { postBatch, queryIn } from "../../src/ledger/ledger-store.ts";
import { resolveOnce } from "../../src/ledger/name-directory.ts";
import { formatEntryId, type Outcome } from "../../src/ledger/outcome.ts";
import { packBatch, type ResolvedCommand } from "../../src/ledger/pack-batch.ts";
import { readBatch } from "../../src/ledger/read-batch.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { charge, deposit, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

/** Packs the commands into one batch, sends it and reads what each of them became. */
async function send(commands: readonly LedgerCommand[]): Promise<readonly Outcome[]> {
  const query = queryIn(world.database);
  const resolved: ResolvedCommand[] = [];
  for (const command of commands) resolved.push(await resolveOnce(query, command));
  return readBatch(await postBatch(query, packBatch(resolved)));
}

describe("a packed batch", () => {
  it("does each of its commands in order, and each sees the balance the one before it left", async () => {
    const [a, b] = [await fundedAccount(world, { dollars: "0" }), await fundedAccount(world, { dollars: "0" })];
    const outcomes = await send([
      postCommand(deposit(a, "pack-1", 100n)),
      postCommand(deposit(b, "pack-2", 10n)),
      postCommand(charge(a, "pack-3", 30n)),
      postCommand(charge(b, "pack-4", 11n)),
      postCommand(charge(a, "pack-5", 70n)),
    ]);
    expect(outcomes.map(({ status, balance }) => [status, balance])).toEqual([
      [0, 100n],
      [0, 10n],
      [0, 70n],
      [3, 10n],
      [0, 0n],
    ]);
  });

  it("posts an entry of many transfers as one", async () => {
    const [payer, payee] = [await fundedAccount(world, { dollars: "1" }), await fundedAccount(world, { dollars: "0" })];
    const draft: EntryDraft = {
      ...{ kind: "access_sold", idempotencyKey: "pack-6" },
      postings: [
        { account: payer, side: "debit", amount: nanodollars(100n) },
        { account: payee, side: "credit", amount: nanodollars(95n) },
        { account: accounts.platformFee("purchases"), side: "credit", amount: nanodollars(5n) },
      ],
    };
    const [outcome] = await send([postCommand(draft)]);
    const { transfers } = await explainEntry(world.database, formatEntryId(outcome?.entryNumber ?? 0));
    expect(transfers.map(({ credit, amount }) => [credit, amount])).toEqual([
      [payee, 95n],
      ["platform-fee/purchases", 5n],
    ]);
    expect((await readBalance(world.database, payee)).available).toBe(95n);
  });

  it("gives words and usage to the entry they belong to, and none to its neighbours", async () => {
    const account = await fundedAccount(world);
    const words = { description: 'so-called "backup", 1 {part}', metadata: { path: "C:\\data" } };
    const outcomes = await send([
      postCommand(charge(account, "pack-7", 1n)),
      postCommand({ ...charge(account, "pack-8", 2n), ...words, usage: { quantity: "0.5", unit: "GB, decimal" } }),
      postCommand(charge(account, "pack-9", 3n)),
    ]);
    const [before, worded, after] = await Promise.all(
      outcomes.map(({ entryNumber }) => explainEntry(world.database, formatEntryId(entryNumber))),
    );
    expect(worded).toMatchObject({ ...words, idempotencyKey: "pack-8", usage: [{ unit: "GB, decimal" }] });
    for (const other of [before, after]) expect(other).toMatchObject({ description: null, metadata: null, usage: [] });
  });

  it("replays what was posted and refuses another input under its key, beside commands that are new", async () => {
    const account = await fundedAccount(world);
    await world.ledger.post(charge(account, "pack-10", 5n));
    const outcomes = await send([
      postCommand(charge(account, "pack-11", 1n)),
      postCommand(charge(account, "pack-10", 5n)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([0, 1]);
    expect((await send([postCommand(charge(account, "pack-10", 6n))])).map(({ status }) => status)).toEqual([2]);
  });

  it("crosses thresholds by a refusal only where the command says so", async () => {
    const account = await fundedAccount(world, {
      dollars: "2",
      thresholds: [{ name: "empty", level: nanodollars(0n) }],
    });
    const silent = postCommand(charge(account, "pack-12", 3_000_000_000n));
    const loud = postCommand({ ...charge(account, "pack-13", 3_000_000_000n), refusalCrossesThresholds: true });
    const outcomes = await send([silent, loud]);
    expect(outcomes.map(({ status, thresholdsCrossed }) => [status, thresholdsCrossed])).toEqual([
      [3, []],
      [3, ["empty"]],
    ]);
  });
});
