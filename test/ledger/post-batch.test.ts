import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance } from "../../src/ledger/balances.ts";
import { postCommand } from "../../src/ledger/command.ts";
import type { EntryDraft } from "../../src/ledger/entry.ts";
import { type Query, queryIn, type Statement } from "../../src/ledger/ledger-store.ts";
import { resolveOnce } from "../../src/ledger/name-directory.ts";
import type { ResolvedCommand } from "../../src/ledger/pack-batch.ts";
import { batchPoster, postAlone } from "../../src/ledger/post-batch.ts";
import { parseDollars } from "../../src/money/nanodollars.ts";
import { raiseWake } from "../../src/platform/temporal/wake-store.ts";
import { charge, deposit, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

/** A poster on the real database. `before` sees each statement first, and may fail it. */
function poster(before: (statement: Statement, nth: number) => Promise<void> = async () => undefined) {
  const sent: string[] = [];
  const real = queryIn(world.database);
  const query: Query = async <Row extends object>(statement: Statement) => {
    sent.push(statement.name);
    await before(statement, sent.length);
    return real<Row>(statement);
  };
  const post = batchPoster(query);
  return {
    sent,
    post: async (drafts: readonly EntryDraft[]) => {
      const commands: ResolvedCommand[] = [];
      for (const draft of drafts) commands.push(await resolveOnce(real, postCommand(draft)));
      const results = await post(commands);
      return results.map((result) => (result.status === "fulfilled" ? result.value.status : result.reason.code));
    },
  };
}

const broken = (code: string) => Object.assign(new Error(`failed with ${code}`), { code });

describe("a lane's batch", () => {
  it("answers every command at its own place, whatever kinds are mixed", async () => {
    const [a, b] = [await fundedAccount(world), await fundedAccount(world, { dollars: "0" })];
    const { post } = poster();
    const results = await post([
      deposit(b, "mixed-1", 5n),
      charge(a, "mixed-2", 1n),
      { ...charge(a, "mixed-3", 20_000_000_000n), description: "too much" },
      { ...charge(a, "mixed-4", 2n), usage: { quantity: "1", unit: "call" } },
    ]);
    expect(results).toEqual([0, 0, 3, 0]);
    expect((await readBalance(world.database, b)).available).toBe(5n);
  });

  it("sends charges as one statement while they are clean", async () => {
    const account = await fundedAccount(world);
    const { post, sent } = poster();
    await post(Array.from({ length: 50 }, (_, n) => charge(account, `clean-${n}`, 1n)));
    expect(sent).toEqual(["post_charges"]);
  });

  it("decides each charge on its own where one cannot be paid, and goes back to the quick way later", async () => {
    const account = await fundedAccount(world, { dollars: "1" });
    const { post, sent } = poster();
    expect(await post([charge(account, "one-1", 1n), charge(account, "one-2", 2_000_000_000n)])).toEqual([0, 3]);
    for (let n = 0; n < 9; n += 1) expect(await post([charge(account, `later-${n}`, 1n)])).toEqual([0]);
    expect(sent.at(-1)).toBe("post_charges");
  });
});

describe("a batch that raced another process", () => {
  it.each(["40P01", "40001", "23505"])("after %s is sent again and posted once", async (code) => {
    const account = await fundedAccount(world, { dollars: "0" });
    const { post, sent } = poster(async (_statement, nth) => {
      if (nth <= 2) throw broken(code);
    });
    expect(await post([deposit(account, `race-${code}`, 5n)])).toEqual([0]);
    expect(sent).toHaveLength(3);
    expect((await readBalance(world.database, account)).available).toBe(5n);
  });

  it("for ever is told to come back instead of trying for ever", async () => {
    const account = await fundedAccount(world, { dollars: "0" });
    const { post, sent } = poster(async () => {
      throw broken("40001");
    });
    expect(await post([deposit(account, "race-endless", 5n)])).toEqual(["ledger_overloaded"]);
    expect(sent.length).toBeLessThan(10);
  });
});

describe("a batch that wakes several", () => {
  const lockWaits = async () => {
    const { rows } = await world.owner.raw(
      "SELECT FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE NOT l.granted AND a.datname = current_database()",
    );
    return rows.length;
  };
  const thresholds = [{ name: "low", level: parseDollars("5") }];

  it.each([
    ["all crossing", false],
    ["one of them refused", true],
  ])(
    "does so in the order of subjects, whatever the order of accounts (%s): waiting for the first it holds no other",
    async (name, refused) => {
      const subjects = { early: `purchase/a ${name}`, late: `purchase/z ${name}` };
      const later = await fundedAccount(world, { thresholds, wakeSubject: subjects.late });
      const earlier = await fundedAccount(world, { thresholds, wakeSubject: subjects.early });
      const consumed = charge(earlier, `order-1-${name}`, parseDollars(refused ? "11" : "6"));
      const held = await world.database.transaction();
      await raiseWake(held, subjects.early);
      const posting = poster().post([
        charge(later, `order-2-${name}`, parseDollars("6")),
        { ...consumed, refusalCrossesThresholds: refused },
      ]);
      try {
        await expect.poll(lockWaits, { timeout: 20_000 }).toBeGreaterThan(0);
        await held.raw("SELECT FROM wakes WHERE subject = ? FOR UPDATE NOWAIT", [subjects.late]);
        await raiseWake(held, subjects.late);
      } finally {
        await held.commit();
      }
      expect(await posting).toEqual([0, refused ? 3 : 0]);
      const wakes = await world.database("wakes").whereIn("subject", [subjects.early, subjects.late]).pluck("seq");
      expect(wakes).toEqual(["3", "3"]);
    },
  );
});

describe("a command that breaks the batch", () => {
  it("fails alone: its neighbours are posted", async () => {
    const account = await fundedAccount(world, { dollars: "0" });
    const most = 1_000_000_000_000_000_000n;
    const drafts = Array.from({ length: 11 }, (_, n) => deposit(account, `full-${n}`, most));
    const results = await poster().post(drafts);
    expect(results.filter((result) => result === 0)).toHaveLength(9);
    expect(results.filter((result) => result === "balance_overflow")).toHaveLength(2);
    expect((await readBalance(world.database, account)).available).toBe(9n * most);
  });

  it("is not looked for where the whole database waits for a lock: nobody is made to wait twice", async () => {
    const account = await fundedAccount(world, { dollars: "0" });
    const { post, sent } = poster(async () => {
      throw broken("55P03");
    });
    const drafts = Array.from({ length: 4 }, (_, n) => deposit(account, `locked-${n}`, 1n));
    expect(await post(drafts)).toEqual(Array.from({ length: 4 }, () => "ledger_overloaded"));
    expect(sent).toHaveLength(1);
  });
});

describe("a command in a caller's transaction", () => {
  it("is undone with it, and its key is free again", async () => {
    const account = await fundedAccount(world);
    const draft = charge(account, "alone-1", 7n);
    const undone = world.database.transaction(async (transaction) => {
      const query = queryIn(transaction);
      expect((await postAlone(query, await resolveOnce(query, postCommand(draft)))).status).toBe(0);
      throw new Error("undo");
    });
    await expect(undone).rejects.toThrow("undo");
    expect(await world.ledger.post(draft)).toMatchObject({ replayed: false });
  });

  it("fails with the books' own codes, not with the database's", async () => {
    const account = await fundedAccount(world);
    const query = queryIn(world.database);
    const command = await resolveOnce(query, postCommand(charge(account, "alone-2", 1n)));
    const failing: Query = () => Promise.reject(broken("23503"));
    await expect(postAlone(failing, command)).rejects.toMatchObject({ code: "unknown_account" });
  });
});
