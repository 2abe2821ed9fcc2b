import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance } from "../../src/ledger/balances.ts";
import { type AccountName, accounts } from "../../src/ledger/chart-of-accounts.ts";
import { authoriseHold, releaseHold, settleHold } from "../../src/ledger/holds.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { readTrialBalance, verifyLedger } from "../../src/ledger/reconcile.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { charge, codes, deposit, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

/** One thing a customer does; amounts are small so refusals are frequent. */
const step = fc.record({
  what: fc.constantFrom("charge", "deposit", "hold", "settle", "release", "replay"),
  amount: fc.bigInt(1n, 60n),
  which: fc.nat(20),
});
type Step = { readonly what: string; readonly amount: bigint; readonly which: number };

/** What the books must say after the same steps one by one: the plainest possible model. */
function model() {
  const state = { available: 100n, holds: [] as { amount: bigint; open: boolean }[] };
  const held = () => state.holds.reduce((sum, hold) => sum + (hold.open ? hold.amount : 0n), 0n);
  const take = (amount: bigint) => {
    if (state.available < amount) return "insufficient_funds";
    state.available -= amount;
    return "ok";
  };
  const close = (index: number, used: bigint | null) => {
    const hold = state.holds[index];
    if (hold === undefined) return "hold_not_found";
    if (!hold.open) return "hold_already_closed";
    if (used !== null && used > hold.amount) return "hold_exceeded";
    hold.open = false;
    state.available += hold.amount - (used ?? 0n);
    return "ok";
  };
  return { state, held, take, close };
}

async function perform(
  account: AccountName,
  run: string,
  n: number,
  { what, amount, which }: Step,
  holdIds: string[],
): Promise<unknown> {
  const holdId = holdIds[which % Math.max(holdIds.length, 1)] ?? "hold_ffffffffffffffffffffffffffffffff";
  const idempotencyKey = `${run}-${n}`;
  if (what === "charge") return world.ledger.post(charge(account, idempotencyKey, amount));
  if (what === "deposit") return world.ledger.post(deposit(account, idempotencyKey, amount));
  if (what === "replay") return world.ledger.post(deposit(account, `opening-${account}`, 100n));
  if (what === "release") return releaseHold(world.ledger, { holdId, idempotencyKey });
  if (what === "settle")
    return settleHold(world.ledger, {
      holdId,
      idempotencyKey,
      amount: nanodollars(amount),
      creditAccount: accounts.revenue("gateway"),
    });
  const hold = {
    account,
    amount: nanodollars(amount),
    expiresAt: new Date(Date.now() + 600_000),
    purpose: "p",
    idempotencyKey,
  };
  holdIds.push((await authoriseHold(world.ledger, hold)).holdId);
  return null;
}

function expected(books: ReturnType<typeof model>, { what, amount, which }: Step): string {
  const index = which % Math.max(books.state.holds.length, 1);
  if (what === "settle") return books.close(index, amount);
  if (what === "release") return books.close(index, null);
  if (what === "deposit") books.state.available += amount;
  if (what === "deposit" || what === "replay") return "ok";
  const answer = books.take(amount);
  if (what === "hold" && answer === "ok") books.state.holds.push({ amount, open: true });
  return answer;
}

let runs = 0;

describe("any sequence of charges, deposits, holds, settlements, releases and replays", () => {
  it("gives each step the answer, and the account the balance, of a plain model", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        runs += 1;
        const account = await fundedAccount(world, { dollars: "0.0000001" });
        const books = model();
        const holdIds: string[] = [];
        for (const [n, one] of steps.entries()) {
          const [answer] = await codes([perform(account, `run-${runs}`, n, one, holdIds)]);
          expect([n, one.what, answer]).toEqual([n, one.what, expected(books, one)]);
        }
        const balance = await readBalance(world.database, account);
        expect([balance.available, balance.held]).toEqual([books.state.available, books.held()]);
      }),
      { numRuns: 40 },
    );
  });

  it("all at once, from two processes: debits equal credits, no balance below its floor, nothing doubled", async () => {
    const other = openLedger({ databaseUrl: world.test.applicationUrl });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 50, maxLength: 200 }), async (steps) => {
        runs += 1;
        const chosen = [
          await fundedAccount(world, { dollars: "0.0000001" }),
          await fundedAccount(world, { dollars: "0.0000001" }),
        ];
        const ledgers = [world.ledger, other];
        await Promise.allSettled(
          steps.flatMap(({ what, amount, which }, n) => {
            const account = chosen[which % 2] ?? accounts.purchase("none");
            const draft =
              what === "deposit"
                ? deposit(account, `c-${runs}-${n}`, amount)
                : charge(account, `c-${runs}-${n % 40}`, amount);
            return ledgers.map((ledger) => ledger.post(draft));
          }),
        );
        for (const account of chosen) expect((await readBalance(world.database, account)).available >= 0n).toBe(true);
        const trial = await readTrialBalance(world.database);
        expect(trial.debits).toBe(trial.credits);
        expect(await verifyLedger(world.database)).toMatchObject({ sound: true });
      }),
      { numRuns: 10 },
    );
    await other.close();
  });
});

describe("L07: two customers paying each other under load", () => {
  it("never lock each other out, and every payment arrives", async () => {
    const other = openLedger({ databaseUrl: world.test.applicationUrl });
    const [a, b] = [await fundedAccount(world, { dollars: "10" }), await fundedAccount(world, { dollars: "10" })];
    const pay = (ledger: typeof other, from: AccountName, to: AccountName, key: string) =>
      ledger.post({
        kind: "adjustment",
        idempotencyKey: key,
        postings: [
          { account: from, side: "debit", amount: nanodollars(1n) },
          { account: to, side: "credit", amount: nanodollars(1n) },
        ],
      });
    const answers = await codes(
      Array.from({ length: 400 }, (_, n) => [
        pay(world.ledger, a, b, `l07-a-${n}`),
        pay(other, b, a, `l07-b-${n}`),
        pay(world.ledger, b, a, `l07-c-${n}`),
      ]).flat(),
    );
    await other.close();
    expect(new Set(answers)).toEqual(new Set(["ok"]));
    expect((await readBalance(world.database, a)).available).toBe(10_000_000_000n + 400n);
  });
});
