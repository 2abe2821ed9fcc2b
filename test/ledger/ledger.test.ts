import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance } from "../../src/ledger/balances.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { openAccount } from "../../src/ledger/open-account.ts";
import { usageMetered } from "../../src/ledger/postings/usage.ts";
import { verifyLedger } from "../../src/ledger/reconcile.ts";
import { MAXIMUM_AMOUNT, nanodollars } from "../../src/money/nanodollars.ts";
import { charge, codes, deposit, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(async () => {
  expect(await verifyLedger(world.database)).toMatchObject({ sound: true, drifts: [], brokenEntries: [] });
  await world.close();
});

describe("a posted entry", () => {
  it("answers its id, its time and the balance after it", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const posted = await world.ledger.post(charge(account, "one", 250_000_000n));
    expect(posted).toMatchObject({ replayed: false, balanceAfter: 750_000_000n, thresholdsCrossed: [] });
    expect(posted.entryId).toMatch(/^je_[0-9]+$/);
    expect(Math.abs(posted.postedAt.getTime() - Date.now())).toBeLessThan(60_000);
  });

  it("tells every simultaneous caller its own balance after, as if they had come one by one", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const posted = await Promise.all(
      Array.from({ length: 200 }, (_, n) => world.ledger.post(charge(account, `own-${n}`, 1_000_000n))),
    );
    const balances = posted.map(({ balanceAfter }) => Number(balanceAfter)).sort((a, b) => b - a);
    expect(balances).toEqual(Array.from({ length: 200 }, (_, n) => 1_000_000_000 - (n + 1) * 1_000_000));
  });

  it("moves several accounts at once when it has several legs", async () => {
    const [buyer, seller] = [await fundedAccount(world, { dollars: "10" }), accounts.merchantPayable("mer_1")];
    await openAccount(world.database, { account: seller });
    const posted = await world.ledger.post({
      kind: "access_sold",
      idempotencyKey: "sale-1",
      description: "a sale",
      postings: [
        { account: buyer, side: "debit", amount: nanodollars(100n) },
        { account: seller, side: "credit", amount: nanodollars(98n) },
        { account: accounts.platformFee("access"), side: "credit", amount: nanodollars(2n) },
      ],
    });
    expect(posted.balanceAfter).toBe(9_999_999_900n);
    expect((await readBalance(world.database, seller)).available).toBe(98n);
  });

  it("belongs to the caller's transaction when posted in one", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const rolledBack = world.database.transaction(async (transaction) => {
      await world.ledger.postIn(transaction, charge(account, "in-transaction", 400_000_000n));
      throw new Error("changed my mind");
    });
    await expect(rolledBack).rejects.toThrow("changed my mind");
    expect((await readBalance(world.database, account)).available).toBe(1_000_000_000n);
    await world.database.transaction((transaction) =>
      world.ledger.postIn(transaction, charge(account, "in-transaction", 400_000_000n)),
    );
    expect((await readBalance(world.database, account)).available).toBe(600_000_000n);
  });

  it("may go to an account that the same transaction opened, and is forgotten with it", async () => {
    const account = accounts.purchase("pur_opened_in_transaction");
    const attempt = (fail: boolean) =>
      world.database.transaction(async (transaction) => {
        await openAccount(transaction, { account });
        await world.ledger.postIn(transaction, deposit(account, "opened-in", 5n));
        if (fail) throw new Error("no");
      });
    await expect(attempt(true)).rejects.toThrow("no");
    await expect(world.ledger.post(charge(account, "opened-in-c", 1n))).rejects.toMatchObject({
      code: "unknown_account",
    });
    await attempt(false);
    expect(await world.ledger.post(charge(account, "opened-in-c", 1n))).toMatchObject({ balanceAfter: 4n });
  });
});

describe("idempotency", () => {
  it("posts once when the same charge arrives 100 times at once, and again later", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const posted = await Promise.all(
      Array.from({ length: 100 }, () => world.ledger.post(charge(account, "same", 10n))),
    );
    expect(new Set(posted.map(({ entryId }) => entryId)).size).toBe(1);
    expect(posted.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await world.ledger.post(charge(account, "same", 10n))).toMatchObject({
      replayed: true,
      entryId: posted[0]?.entryId,
    });
    expect((await readBalance(world.database, account)).available).toBe(999_999_990n);
  });

  it("posts once when two processes send the same 300 charges at the same time", async () => {
    const other = openLedger({ databaseUrl: world.test.applicationUrl });
    const account = await fundedAccount(world, { dollars: "1" });
    const all = (ledger: typeof other) =>
      Array.from({ length: 300 }, (_, n) => ledger.post(charge(account, `two-${n}`, 10n)));
    const posted = await Promise.all([...all(world.ledger), ...all(other)]).finally(() => other.close());
    expect(posted.filter(({ replayed }) => !replayed)).toHaveLength(300);
    expect((await readBalance(world.database, account)).available).toBe(1_000_000_000n - 3_000n);
  });

  it("A02: refuses the same key with another input, at once and later, in either path", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const answers = await codes([1n, 2n, 3n].map((amount) => world.ledger.post(charge(account, "a02", amount))));
    expect([...answers].sort()).toEqual(["idempotency_conflict", "idempotency_conflict", "ok"]);
    await expect(world.ledger.post(deposit(account, "a02", 1n))).rejects.toMatchObject({
      code: "idempotency_conflict",
      status: 409,
    });
    await expect(world.ledger.post({ ...charge(account, "a02", 1n), description: "x" })).rejects.toMatchObject({
      status: 409,
    });
  });

  it("A03: keeps the same event id of two customers apart", async () => {
    const [one, two] = [await fundedAccount(world), await fundedAccount(world)];
    const event = { family: "purchases", eventId: "evt_1", amount: nanodollars(7n), quantity: "1", unit: "GB" };
    const posted = await Promise.all(
      [one, two].map((account) => world.ledger.post(usageMetered({ ...event, account }))),
    );
    expect(posted.map(({ replayed }) => replayed)).toEqual([false, false]);
  });

  it("A07: does not burn a key on a refusal: the same charge succeeds after a top-up", async () => {
    const account = await fundedAccount(world, { dollars: "0" });
    await expect(world.ledger.post(charge(account, "a07", 10n))).rejects.toMatchObject({ code: "insufficient_funds" });
    await expect(world.ledger.post(charge(account, "a07", -1n))).rejects.toMatchObject({ code: "invalid_entry" });
    await world.ledger.post(deposit(account, "a07-deposit", 10n));
    expect(await world.ledger.post(charge(account, "a07", 10n))).toMatchObject({ replayed: false, balanceAfter: 0n });
  });

  it("M01: replays an event a year later without charging again", async () => {
    const account = await fundedAccount(world);
    const event = usageMetered({
      account,
      family: "purchases",
      eventId: "old",
      amount: nanodollars(9n),
      quantity: "1",
      unit: "GB",
      occurredAt: new Date("2025-11-20T00:00:00Z"),
    });
    const [first, again] = [await world.ledger.post(event), await world.ledger.post(event)];
    expect([first.replayed, again.replayed, again.entryId]).toEqual([false, true, first.entryId]);
    expect(again.postedAt).toEqual(first.postedAt);
  });

  it("replays a usage report without a time as the same input, and refuses one with another quantity", async () => {
    const account = await fundedAccount(world);
    const report = {
      account,
      family: "purchases",
      eventId: "timeless",
      amount: nanodollars(9n),
      quantity: "1",
      unit: "GB",
    };
    await world.ledger.post(usageMetered(report));
    expect(await world.ledger.post(usageMetered(report))).toMatchObject({ replayed: true });
    await expect(world.ledger.post(usageMetered({ ...report, quantity: "2" }))).rejects.toMatchObject({ status: 409 });
  });

  it("M04, M05: answers each of 1,000 simultaneous reports for itself: bad, repeated, short and good ones", async () => {
    const [rich, poor] = [await fundedAccount(world, { dollars: "5" }), await fundedAccount(world, { dollars: "0" })];
    const unopened = accounts.purchase("pur_never_opened");
    const kinds = new Map([
      [7, (n: number) => charge(unopened, `m04-${n}`, 1n)],
      [13, (n: number) => charge(poor, `m04-${n}`, 1n)],
      [21, (n: number) => charge(rich, `m04-${n}`, 0n)],
      [42, () => charge(rich, "m04-41", 41n)],
    ]);
    const good = (n: number) => charge(rich, `m04-${n}`, 41n);
    const answers = await codes(
      Array.from({ length: 1000 }, (_, n) => world.ledger.post((kinds.get(n % 100) ?? good)(n))),
    );
    const count = (code: string) => answers.filter((answer) => answer === code).length;
    expect([count("unknown_account"), count("insufficient_funds"), count("invalid_entry"), count("ok")]).toEqual([
      10, 10, 10, 970,
    ]);
    const { rows } = await world.database.raw(
      "SELECT count(*)::int AS n FROM journal j JOIN ledger_accounts a ON a.id = j.debit_account WHERE a.name = ?",
      [rich],
    );
    expect(rows[0].n).toBe(960);
  });
});

describe("L11: amounts at the edge", () => {
  it.each([0n, -1n, MAXIMUM_AMOUNT + 1n, 2n ** 63n, -(2n ** 63n)])(
    "refuses %d before it reaches the database",
    async (amount) => {
      const account = await fundedAccount(world);
      await expect(world.ledger.post(charge(account, `edge-${amount}`, amount))).rejects.toMatchObject({
        code: "invalid_entry",
      });
    },
  );

  it("refuses what would overflow a balance and keeps posting for everyone else", async () => {
    const [full, other] = [await fundedAccount(world, { dollars: "0" }), await fundedAccount(world, { dollars: "1" })];
    for (let n = 0; n < 9; n += 1) await world.ledger.post(deposit(full, `full-${n}`, MAXIMUM_AMOUNT));
    const answers = await codes([
      world.ledger.post(deposit(full, "full-too-much", MAXIMUM_AMOUNT)),
      ...Array.from({ length: 20 }, (_, n) => world.ledger.post(deposit(other, `beside-${n}`, 1n))),
    ]);
    expect(answers).toEqual(["balance_overflow", ...Array.from({ length: 20 }, () => "ok")]);
  });

  it("refuses a thousand charges whose sum exceeds 64 bits one by one, each as insufficient", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const answers = await codes(
      Array.from({ length: 50 }, (_, n) => world.ledger.post(charge(account, `sum-${n}`, MAXIMUM_AMOUNT))),
    );
    expect(new Set(answers)).toEqual(new Set(["insufficient_funds"]));
  });

  it("L12: sums 20,000 charges of one nanodollar exactly", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    await Promise.all(Array.from({ length: 20_000 }, (_, n) => world.ledger.post(charge(account, `nano-${n}`, 1n))));
    expect((await readBalance(world.database, account)).available).toBe(1_000_000_000n - 20_000n);
  });
});

describe("words", () => {
  it("keeps quotes, backslashes, braces, emoji and SQL in descriptions and metadata as they were", async () => {
    const account = await fundedAccount(world);
    const words = `"'\\{}NULL, '; DROP TABLE journal; -- \u{1F600}\n`;
    const draft = {
      ...charge(account, `words ${words}`, 1n),
      description: words,
      metadata: { words, nested: { list: [1, null, words] } },
    };
    const { entryId } = await world.ledger.post(draft);
    const { rows } = await world.database.raw("SELECT * FROM entry_details WHERE entry_id = ?", [entryId.slice(3)]);
    expect(rows).toMatchObject([
      { idempotency_key: draft.idempotencyKey, description: words, metadata: draft.metadata },
    ]);
  });

  it.each(["\0", "x".repeat(4001)])("refuses a text the database could not keep", async (text) => {
    const account = await fundedAccount(world);
    await expect(world.ledger.post({ ...charge(account, "bad-text", 1n), description: text })).rejects.toMatchObject({
      code: "invalid_entry",
    });
  });

  it.each(["NaN", "1e3", "-1", "", "1.0000000001", "١", " 1", "Infinity"])(
    "refuses %j as a quantity",
    async (quantity) => {
      const account = await fundedAccount(world);
      const report = usageMetered({
        account,
        family: "purchases",
        eventId: "q",
        amount: nanodollars(1n),
        quantity,
        unit: "GB",
      });
      await expect(world.ledger.post(report)).rejects.toMatchObject({ code: "invalid_entry" });
    },
  );

  it("M02: keeps usage of any date, in a partition of its month or in the default one", async () => {
    const account = await fundedAccount(world);
    const dates = ["1999-12-31T23:59:59Z", "2026-10-16T00:00:00Z", new Date().toISOString(), "2126-01-01T00:00:00Z"];
    for (const [n, date] of dates.entries()) {
      const event = {
        account,
        family: "purchases",
        eventId: `m02-${n}`,
        amount: nanodollars(1n),
        quantity: "0.5",
        unit: "GB",
      };
      await world.ledger.post(usageMetered({ ...event, occurredAt: new Date(date) }));
    }
    const { rows } = await world.database.raw(
      "SELECT occurred_at, quantity FROM usage_records u JOIN ledger_accounts a ON a.id = u.account_id WHERE a.name = ? ORDER BY 1",
      [account],
    );
    expect(rows.map((row: { occurred_at: Date }) => row.occurred_at.toISOString())).toEqual(
      dates.map((date) => new Date(date).toISOString()),
    );
  });
});

describe("backpressure", () => {
  it("refuses what exceeds the queue at once, and posts all it accepted", async () => {
    const small = openLedger({ databaseUrl: world.test.applicationUrl, lanes: 1, longestQueue: 50 });
    const account = await fundedAccount(world, { dollars: "1" });
    await small.post(charge(account, "warm", 1n));
    const answers = await codes(Array.from({ length: 200 }, (_, n) => small.post(charge(account, `queue-${n}`, 1n))));
    await small.close();
    const accepted = answers.filter((answer) => answer === "ok").length;
    expect([accepted, answers.filter((answer) => answer === "ledger_overloaded").length]).toEqual([50, 150]);
    expect((await readBalance(world.database, account)).available).toBe(1_000_000_000n - 1n - 50n);
  });

  it("finishes on close what was submitted before", async () => {
    const closing = openLedger({ databaseUrl: world.test.applicationUrl });
    const account = await fundedAccount(world, { dollars: "1" });
    await closing.post(charge(account, "before", 1n));
    const submitted = Promise.all(
      Array.from({ length: 500 }, (_, n) => closing.post(charge(account, `close-${n}`, 1n))),
    );
    await closing.close();
    expect(await submitted).toHaveLength(500);
  });
});
