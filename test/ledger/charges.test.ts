import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance } from "../../src/ledger/balances.ts";
import { isCharge, packCharges, readCharges } from "../../src/ledger/charges.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { postCommand } from "../../src/ledger/command.ts";
import type { EntryDraft } from "../../src/ledger/entry.ts";
import { postCharges, queryIn } from "../../src/ledger/ledger-store.ts";
import { resolveOnce } from "../../src/ledger/name-directory.ts";
import type { Outcome } from "../../src/ledger/outcome.ts";
import type { ResolvedCommand } from "../../src/ledger/pack-batch.ts";
import { nanodollars, parseDollars } from "../../src/money/nanodollars.ts";
import { charge, deposit, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

const resolve = (draft: EntryDraft) => resolveOnce(queryIn(world.database), postCommand(draft));

async function resolveAll(drafts: readonly EntryDraft[]): Promise<readonly ResolvedCommand[]> {
  const resolved: ResolvedCommand[] = [];
  for (const draft of drafts) resolved.push(await resolve(draft));
  return resolved;
}

/** Sends the charges the quick way; null where the database decided nothing. */
async function send(drafts: readonly EntryDraft[]): Promise<readonly Outcome[] | null> {
  const packed = packCharges(await resolveAll(drafts));
  const row = await postCharges(queryIn(world.database), packed.parameters);
  return row.base === null ? null : readCharges(packed, row);
}

describe("what may go the quick way", () => {
  it("is one transfer from a customer account to one of ours", async () => {
    const [account, other] = [await fundedAccount(world), await fundedAccount(world)];
    expect(isCharge(await resolve(charge(account, "is-1", 1n)))).toBe(true);
    expect(isCharge(await resolve(deposit(account, "is-2", 1n)))).toBe(false);
    const between = charge(account, "is-3", 1n).postings.map((posting) =>
      posting.side === "credit" ? { ...posting, account: other } : posting,
    );
    expect(isCharge(await resolve({ ...charge(account, "is-3", 1n), postings: between }))).toBe(false);
  });

  it("has no words of its own, since the quick way keeps none", async () => {
    const account = await fundedAccount(world);
    expect(isCharge(await resolve({ ...charge(account, "is-4", 1n), description: "by hand" }))).toBe(false);
    expect(isCharge(await resolve({ ...charge(account, "is-5", 1n), metadata: { a: "b" } }))).toBe(false);
  });
});

describe("charges sent together", () => {
  it("each answer the balance they themselves left, whatever accounts are between them", async () => {
    const [a, b] = [await fundedAccount(world, { dollars: "10" }), await fundedAccount(world, { dollars: "1" })];
    const dollar = 1_000_000_000n;
    const outcomes = await send([
      charge(b, "run-1", 1n),
      charge(a, "run-2", dollar),
      charge(b, "run-3", 2n),
      charge(a, "run-4", 2n * dollar),
    ]);
    expect(outcomes?.map(({ balance }) => balance)).toEqual([dollar - 1n, 9n * dollar, dollar - 3n, 7n * dollar]);
    expect((await readBalance(world.database, a)).available).toBe(7n * dollar);
    expect((await readBalance(world.database, b)).available).toBe(dollar - 3n);
  });

  it("have entry numbers that follow each other and name the entries in the journal", async () => {
    const account = await fundedAccount(world);
    const outcomes = (await send([charge(account, "number-1", 11n), charge(account, "number-2", 12n)])) ?? [];
    for (const [index, { entryNumber }] of outcomes.entries())
      expect(await world.database("journal").where({ entry_id: entryNumber }).first("amount")).toEqual({
        amount: `${11 + index}`,
      });
    expect((outcomes[1]?.entryNumber ?? 0) - (outcomes[0]?.entryNumber ?? 0)).toBe(1);
  });

  it("report a crossing at the charge that crossed, not at its neighbours", async () => {
    const thresholds = [{ name: "low", level: parseDollars("5") }];
    const account = await fundedAccount(world, { dollars: "10", thresholds });
    const three = parseDollars("3");
    const outcomes = await send([
      charge(account, "cross-1", three),
      charge(account, "cross-2", three),
      charge(account, "cross-3", three),
    ]);
    expect(outcomes?.map(({ thresholdsCrossed }) => thresholdsCrossed)).toEqual([[], ["low"], []]);
  });

  it("credit each its own account of ours", async () => {
    const account = await fundedAccount(world);
    const toFamily = (key: string, family: string, amount: bigint): EntryDraft => ({
      ...{ kind: "usage_metered", idempotencyKey: key },
      postings: [
        { account, side: "debit", amount: nanodollars(amount) },
        { account: accounts.revenue(family), side: "credit", amount: nanodollars(amount) },
      ],
    });
    await send([toFamily("family-1", "gateway", 4n), toFamily("family-2", "access", 6n)]);
    const { rows } = await world.database.raw(
      "SELECT a.name, j.amount FROM journal j JOIN ledger_accounts a ON a.id = j.credit_account WHERE a.name IN ('revenue/gateway', 'revenue/access') ORDER BY 1",
    );
    expect(rows).toEqual([
      { name: "revenue/access", amount: "6" },
      { name: "revenue/gateway", amount: "4" },
    ]);
  });
});

describe("nothing at all is posted", () => {
  const untouched = async (drafts: readonly EntryDraft[], account: Parameters<typeof readBalance>[1]) => {
    const before = await readBalance(world.database, account);
    expect(await send(drafts)).toBeNull();
    expect(await readBalance(world.database, account)).toEqual(before);
  };

  it("where one of them cannot be paid", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    await untouched([charge(account, "poor-1", 1n), charge(account, "poor-2", 1_000_000_000n)], account);
  });

  it("where one of them was posted before", async () => {
    const account = await fundedAccount(world);
    await world.ledger.post(charge(account, "again-1", 1n));
    const sent = send([charge(account, "again-1", 1n), charge(account, "again-2", 1n)]);
    const before = await readBalance(world.database, account);
    expect(await sent.catch(() => null)).toBeNull();
    expect(await readBalance(world.database, account)).toEqual(before);
  });

  it("where their sum is more than the books can count", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const most = parseDollars("1000000000");
    await untouched(
      Array.from({ length: 12 }, (_, index) => charge(account, `huge-${index}`, most)),
      account,
    );
  });
});
