import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance } from "../../src/ledger/balances.ts";
import { type AccountName, accounts } from "../../src/ledger/chart-of-accounts.ts";
import {
  expireGrant,
  expireGrants,
  giveGrant,
  planSpend,
  readGrants,
  spendWithGrants,
} from "../../src/ledger/grants.ts";
import { verifyLedger } from "../../src/ledger/reconcile.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { codes, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(async () => {
  expect(await verifyLedger(world.database)).toMatchObject({ sound: true });
  await world.close();
});

const soon = (milliseconds: number) => new Date(Date.now() + milliseconds);
const give = (
  account: AccountName,
  grantId: string,
  amount: bigint,
  more: { priority?: number; expiresAt?: Date } = {},
) => giveGrant(world, { grantId, account, amount: nanodollars(amount), priority: 0, ...more });
const spend = (account: AccountName, key: string, amount: bigint) =>
  spendWithGrants(world, {
    kind: "usage_metered",
    idempotencyKey: key,
    account,
    creditAccount: accounts.revenue("credits"),
    amount: nanodollars(amount),
  });
const left = async (account: AccountName) =>
  (await readGrants(world.database, account)).map((grant) => `${grant.grantId} ${grant.available}`);

describe("spending", () => {
  it("burns grants by priority, then expiry, then id, and paid money last, as one entry", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    await give(account, "o_late", 10n, { expiresAt: soon(90_000) });
    await give(account, "o_never", 10n);
    await give(account, "o_soon", 10n, { expiresAt: soon(60_000) });
    await give(account, "o_first", 10n, { priority: -1 });
    expect(await left(account)).toEqual(["o_first 10", "o_soon 10", "o_late 10", "o_never 10"]);
    await spend(account, "o-1", 25n);
    expect(await left(account)).toEqual(["o_late 5", "o_never 10"]);
    const posted = await spend(account, "o-2", 20n);
    expect(await left(account)).toEqual([]);
    expect((await readBalance(world.database, account)).available).toBe(999_999_995n);
    const { rows } = await world.database.raw("SELECT count(*)::int AS n FROM journal WHERE entry_id = ?", [
      posted.entryId.slice(3),
    ]);
    expect(rows[0].n).toBe(3);
  });

  it("L20: takes grants of equal priority and expiry in the order of their ids, every time", async () => {
    const expiresAt = soon(60_000);
    for (const suffix of ["x", "y", "z"]) {
      const account = await fundedAccount(world);
      for (const id of ["c", "a", "b"]) await give(account, `l20-${id}-${suffix}`, 10n, { expiresAt });
      await spend(account, `l20-${suffix}`, 15n);
      expect(await left(account)).toEqual([`l20-b-${suffix} 5`, `l20-c-${suffix} 10`]);
    }
  });

  it("spends each nanodollar once under 100 parallel spends", async () => {
    const account = await fundedAccount(world, { dollars: "0" });
    await give(account, "p_1", 300n);
    await give(account, "p_2", 300n);
    const answers = await codes(Array.from({ length: 100 }, (_, n) => spend(account, `parallel-${n}`, 10n)));
    const paid = answers.filter((answer) => answer === "ok").length;
    expect(answers.every((answer) => ["ok", "insufficient_funds", "ledger_overloaded"].includes(answer))).toBe(true);
    expect(await left(account)).toEqual(paid === 60 ? [] : [`p_2 ${600 - paid * 10}`]);
  });

  it("replays by its key even when the grants it burnt are gone, and refuses another amount", async () => {
    const account = await fundedAccount(world, { dollars: "0" });
    await give(account, "replayed", 30n);
    const first = await spend(account, "replay-g", 30n);
    expect(await spend(account, "replay-g", 30n)).toMatchObject({ replayed: true, entryId: first.entryId });
    await expect(spend(account, "replay-g", 31n)).rejects.toMatchObject({ code: "idempotency_conflict" });
  });

  it("says how much there is altogether when it does not suffice", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    await give(account, "short", 500_000_000n);
    await expect(spend(account, "short-s", 2_000_000_000n)).rejects.toMatchObject({
      members: { balance: "1.5", required: "2" },
    });
  });
});

describe("expiry", () => {
  it("L19: a grant that expires the instant it is spent is either spent or taken back, never both", async () => {
    for (let round = 0; round < 10; round += 1) {
      const account = await fundedAccount(world, { dollars: "0" });
      const expiresAt = soon(40 + round);
      await give(account, `l19-${round}`, 100n, { expiresAt });
      await new Promise((resolve) => setTimeout(resolve, expiresAt.getTime() - Date.now() - 2));
      const [spent, expired] = await Promise.allSettled([
        spend(account, `l19-s-${round}`, 100n),
        expireGrant(world, { grantId: `l19-${round}` }),
      ]);
      const taken = expired.status === "fulfilled" && expired.value !== null;
      expect([spent.status === "fulfilled", taken]).not.toEqual([true, true]);
      await new Promise((resolve) => setTimeout(resolve, 15));
      await expireGrants(world);
      const { rows } = await world.database.raw(
        "SELECT balance FROM balances b JOIN grants g USING (account_id) WHERE g.grant_id = ?",
        [`l19-${round}`],
      );
      expect(rows[0].balance).toBe("0");
    }
  });

  it("takes back what is left once, and refuses before its time and for grants without one", async () => {
    const account = await fundedAccount(world, { dollars: "0" });
    await give(account, "back", 100n, { expiresAt: soon(-1000) });
    const [one, two] = await Promise.all([
      expireGrant(world, { grantId: "back" }),
      expireGrant(world, { grantId: "back" }),
    ]);
    expect(one?.entryId).toBe(two?.entryId);
    await give(account, "early", 1n, { expiresAt: soon(60_000) });
    await give(account, "endless", 1n);
    const answers = await codes(["early", "endless", "unknown"].map((grantId) => expireGrant(world, { grantId })));
    expect(answers).toEqual(["grant_not_expired", "grant_not_expired", "grant_not_found"]);
  });

  it("cannot be spent around: an expired grant counts for nothing", async () => {
    const account = await fundedAccount(world, { dollars: "0" });
    await give(account, "gone", 100n, { expiresAt: soon(-1000) });
    await expect(spend(account, "gone-s", 1n)).rejects.toMatchObject({ code: "insufficient_funds" });
  });
});

describe("giving", () => {
  it("happens once per id, and not to accounts that are not open", async () => {
    const account = await fundedAccount(world, { dollars: "0" });
    const given = await Promise.all([1, 2, 3].map(() => give(account, "once", 5n)));
    expect(given.filter(({ replayed }) => !replayed)).toHaveLength(1);
    await expect(give(account, "once", 6n)).rejects.toMatchObject({ code: "idempotency_conflict" });
    await expect(give(accounts.tenant("nobody"), "nobody", 6n)).rejects.toMatchObject({ code: "unknown_account" });
  });
});

describe("the plan", () => {
  it("always adds up, never takes more than a grant has, and is the same for the same input", () => {
    const amounts = fc.array(fc.bigInt(0n, 1000n), { maxLength: 6 });
    fc.assert(
      fc.property(amounts, fc.bigInt(1n, 5000n), fc.bigInt(-10n, 1000n), (available, amount, paid) => {
        const account = accounts.tenant("t");
        const grants = available.map((value, n) => ({
          grantId: `g${n}`,
          account: accounts.grant(account, `g${n}`),
          priority: 0,
          expiresAt: null,
          available: nanodollars(value),
        }));
        const input = {
          account,
          creditAccount: accounts.revenue("credits"),
          amount: nanodollars(amount),
          grants,
          paid: nanodollars(paid),
        };
        const plan = planSpend(input);
        const debits = plan.postings.filter(({ side }) => side === "debit");
        expect(debits.reduce((sum, posting) => sum + posting.amount, 0n)).toBe(amount);
        expect(
          debits.every(
            (posting) =>
              posting.amount > 0n &&
              posting.amount <= (grants.find((grant) => grant.account === posting.account)?.available ?? amount),
          ),
        ).toBe(true);
        const fromPaid = debits.find((posting) => posting.account === account)?.amount ?? 0n;
        expect(plan.covered).toBe(fromPaid === 0n || fromPaid <= paid);
        expect(planSpend(input)).toEqual(plan);
      }),
    );
  });
});
