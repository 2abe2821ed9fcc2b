import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccountName } from "../../src/ledger/chart-of-accounts.ts";
import { charge, fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
let account: AccountName;
let ids: { customer: string; revenue: string };
beforeAll(async () => {
  world = await startLedgerWorld();
  account = await fundedAccount(world, { dollars: "1" });
  await world.ledger.post(charge(account, "rules", 1n));
  const { rows } = await world.owner.raw(
    "SELECT debit_account AS customer, credit_account AS revenue FROM journal WHERE amount = 1",
  );
  ids = rows[0];
});
afterAll(() => world.close());

/** The SQLSTATE of a refusal, or "accepted". */
async function attempt(database: Knex, sql: string, values: readonly string[] = []): Promise<string> {
  const transaction = await database.transaction();
  const answer = await transaction.raw(sql, [...values]).then(
    () => "accepted",
    (error: { code?: string }) => error.code ?? String(error),
  );
  await transaction.rollback();
  return answer;
}

const tables = [
  "journal",
  "entry_details",
  "balances",
  "balance_thresholds",
  "threshold_crossings",
  "holds",
  "grants",
  "ledger_accounts",
  "usage_records",
  "ledger_checkpoints",
];
const JOURNAL =
  "INSERT INTO journal (entry_id, leg, debit_account, credit_account, amount, created_at, ref, payload_hash, kind) VALUES (7, 0, ?, ?, ?, now(), gen_random_uuid(), gen_random_uuid(), 1)";

describe("the application's role", () => {
  it.each(tables)("may read %s and write none of it", async (table) => {
    const verbs = [
      `INSERT INTO ${table} DEFAULT VALUES`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table} CASCADE`,
      `ALTER TABLE ${table} ADD COLUMN x int`,
      `DROP TABLE ${table} CASCADE`,
      `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
    ];
    await expect(world.database.raw(`SELECT * FROM ${table} LIMIT 1`)).resolves.toBeDefined();
    for (const sql of verbs) await expect(world.database.raw(sql)).rejects.toMatchObject({ code: "42501" });
  });

  it("may not update a balance, an entry or a threshold", async () => {
    for (const sql of [
      "UPDATE balances SET balance = balance + 1",
      "UPDATE journal SET amount = 1",
      "UPDATE balance_thresholds SET armed = true",
      "UPDATE holds SET amount = 1",
    ]) {
      await expect(world.database.raw(sql)).rejects.toMatchObject({ code: "42501" });
    }
  });

  it("may not take the owner's place, switch triggers off or call the inner functions", async () => {
    for (const sql of [
      "SET ROLE tollkeeper_owner",
      "SET session_replication_role = replica",
      "SELECT cross_thresholds(2, 0, NULL)",
      "SELECT refresh_threshold_cache(2)",
    ]) {
      await expect(world.database.raw(sql)).rejects.toMatchObject({ code: "42501" });
    }
  });

  it("cannot shadow a table of the posting function with one of its own", async () => {
    await world.database.transaction(async (transaction) => {
      await transaction.raw(
        "CREATE TEMP TABLE balances (account_id bigint, balance bigint, floor bigint, closes_at timestamptz)",
      );
      await transaction.raw("SET LOCAL search_path = pg_temp, public");
      const posted = await world.ledger.postIn(transaction, charge(account, "shadowed", 1n));
      expect(posted.balanceAfter).toBe(999_999_998n);
    });
  });

  it("cannot post below the floor through the functions, whatever totals it states", async () => {
    const sql = `SELECT post_charges(ARRAY[gen_random_uuid()], ARRAY[gen_random_uuid()], '{1}', '{1}', '{5000000000}', ARRAY[?::bigint], '{0}',
      ARRAY[?::bigint], '{1}', '{NULL}', '{}', '{}', '{}', '{}')`;
    await expect(world.database.raw(sql, [ids.customer, ids.revenue])).rejects.toMatchObject({ code: "23514" });
  });

  it("cannot write a kind or an operation that does not exist, or a quantity that is none", async () => {
    const charges = (kind: string) =>
      world.database.raw(
        `SELECT post_charges(ARRAY[gen_random_uuid()], ARRAY[gen_random_uuid()], '{1}', '{1}', '{5}', ARRAY[?::bigint], '{5}',
          ARRAY[?::bigint], ?::smallint[], '{NULL}', '{}', '{}', '{}', '{}')`,
        [ids.customer, ids.revenue, `{${kind}}`],
      );
    await expect(charges("999")).rejects.toMatchObject({ code: "23503" });
    const batch = (kind: string, operation: string) =>
      world.database.raw(
        `SELECT post_batch(ARRAY[gen_random_uuid()], ARRAY[gen_random_uuid()], ?::smallint[], ?::smallint[], '{}', '{}', '{}', ARRAY[?::bigint],
           ARRAY[?::bigint], '{1}', '{1}', '{-1}', '{1}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')`,
        [`{${kind}}`, `{${operation}}`, ids.customer, ids.revenue],
      );
    await expect(batch("999", "0")).rejects.toMatchObject({ code: "23503" });
    for (const operation of ["-1", "6", "NULL", "32"]) {
      await expect(batch("1", operation)).rejects.toMatchObject({ code: "22023" });
    }
    const usage = (quantity: string) =>
      world.owner.raw(
        "INSERT INTO usage_records (account_id, entry_id, occurred_at, amount, quantity, unit) VALUES (2, 1, now(), 1, ?::numeric, 'x')",
        [quantity],
      );
    await expect(usage("NaN")).rejects.toMatchObject({ code: "23514" });
    await expect(usage("-1")).rejects.toMatchObject({ code: "23514" });
  });

  it("cannot spend held funds, invent accounts or write half an entry through the functions", async () => {
    const post = (owner: string, system: string, amount: string, to: string) =>
      world.database.raw(
        `SELECT post_batch(ARRAY[gen_random_uuid()], ARRAY[gen_random_uuid()], '{1}', '{0}', '{}', '{}', '{}', ARRAY[?::bigint], ARRAY[?::bigint],
           '{1}', '{1}', ?::int[], ?::bigint[], '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')`,
        [owner, system, `{${to}}`, `{${amount}}`],
      );
    const held = `${Number(ids.customer) + 1}`;
    await expect(post(held, ids.revenue, "1", "-1")).rejects.toMatchObject({ code: "23503" });
    await expect(post(ids.customer, "-999999", "1", "-1")).rejects.toMatchObject({ code: "23503" });
    await expect(post(ids.customer, ids.revenue, "1", "0")).rejects.toMatchObject({ code: "23502" });
    await expect(post(ids.customer, ids.revenue, "-1", "-1")).rejects.toMatchObject({ code: "23514" });
    await expect(post(ids.customer, ids.revenue, "1", "1")).rejects.toMatchObject({ code: "23514" });
  });

  it("cannot open an account of the system, or one of no class", async () => {
    for (const name of ["treasury/base/usdc", "held/purchase/pur_never", "nonsense/1", "purchase"]) {
      const opening = world.database.raw("SELECT open_account(?, 0, NULL, NULL, '{}', '{}', '{}')", [name]);
      if (name === "purchase") await expect(opening).resolves.toBeDefined();
      else await expect(opening).rejects.toMatchObject({ code: "22023" });
    }
  });
});

describe("even the owner of the tables", () => {
  it.each(["journal", "entry_details", "threshold_crossings", "ledger_checkpoints"])(
    "may not change or empty %s",
    async (table) => {
      expect(await attempt(world.owner, `DELETE FROM ${table}`)).toBe("42501");
      expect(await attempt(world.owner, `TRUNCATE ${table}`)).toBe("42501");
      expect(
        await attempt(world.owner, `UPDATE ${table} SET ${table === "journal" ? "amount = 2" : "created_at = now()"}`),
      ).not.toBe("accepted");
    },
  );

  it("may not move a balance past the journal, or remove one", async () => {
    expect(await attempt(world.owner, "UPDATE balances SET balance = balance + 1")).toBe("42501");
    expect(await attempt(world.owner, "UPDATE balances SET held = 0, version = 0")).toBe("42501");
    expect(await attempt(world.owner, "DELETE FROM balances")).toBe("42501");
    expect(await attempt(world.owner, "TRUNCATE balances CASCADE")).toBe("42501");
  });

  it("cannot express an unbalanced entry: a transfer names both its sides", async () => {
    expect(await attempt(world.owner, JOURNAL, [ids.customer, ids.revenue, "1"])).toBe("accepted");
    expect(
      await attempt(world.owner, JOURNAL.replace("credit_account, ", "").replace("?, ?, ?", "?, ?"), [
        ids.customer,
        "1",
      ]),
    ).toBe("23502");
    expect(await attempt(world.owner, JOURNAL, [ids.customer, ids.customer, "1"])).toBe("23514");
    expect(await attempt(world.owner, JOURNAL, [ids.customer, ids.revenue, "0"])).toBe("23514");
    expect(await attempt(world.owner, JOURNAL, [ids.customer, ids.revenue, "-5"])).toBe("23514");
    const line = "INSERT INTO journal_lines (journal_entry_id, account_id, amount, side) VALUES (1, 1, 1, 'debit')";
    expect(await attempt(world.owner, line)).not.toBe("accepted");
  });

  it("cannot bring a customer below the floor, or post to a customer without a balance", async () => {
    expect(await attempt(world.owner, JOURNAL, [ids.customer, ids.revenue, "2000000000"])).toBe("23514");
    expect(await attempt(world.owner, JOURNAL, ["1000000", ids.revenue, "1"])).toBe("23503");
  });
});

describe("the views of seed 003", () => {
  it("show each entry with lines whose debits equal their credits, and balances that agree", async () => {
    const { rows } = await world.database.raw(
      `SELECT e.id, sum(CASE l.side WHEN 'debit' THEN l.amount ELSE -l.amount END) AS off FROM journal_entries e
       JOIN journal_lines l ON l.journal_entry_id = e.id GROUP BY 1`,
    );
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.every((row: { off: string }) => row.off === "0")).toBe(true);
    const totals = await world.database.raw(
      `SELECT sum(CASE a.normal_side WHEN 'debit' THEN b.balance ELSE -b.balance END) AS off FROM account_balances b JOIN accounts a ON a.id = b.account_id`,
    );
    expect(totals.rows[0].off).toBe("0");
  });
});
