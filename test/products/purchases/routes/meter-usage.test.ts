import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openLedger } from "../../../../src/ledger/ledger.ts";
import { newId } from "../../../../src/platform/ids.ts";
import { type Reply, startTestApp, type TestApp } from "../../../support/app.ts";
import { exhaust, type Sale, sell, wakes } from "../sales.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";

const DAY_MS = 86_400_000;

let app: TestApp;
let shared: Sale;
beforeAll(async () => {
  app = await startTestApp();
  shared = await sell(app, "100");
});
afterEach(() => {
  app.clock.offsetMs = 0;
});
afterAll(() => app.close());

function meter(sale: Sale, json: object, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
  const usage = { usage_amount: "1", usage_unit: "GB_MONTH", ...json };
  return app.call(`/purchase/${sale.purchaseId}/meter-usage`, { key: sale.vendorKey, json: usage, headers });
}

async function balanceOf(sale: Sale): Promise<unknown> {
  const { rows } = await app.database.raw<{ rows: { balance: string }[] }>(
    "SELECT b.balance FROM balances b JOIN ledger_accounts a ON a.id = b.account_id WHERE a.name = ?",
    [`purchase/${sale.purchaseId}`],
  );
  return rows[0]?.balance;
}

describe("200", () => {
  it("prices usage by the terms that were sold, and answers the new balance", async () => {
    const sale = await sell(app, "5");
    const { body } = await meter(sale, { usage_amount: "10", event_id: "e-1", metadata: { tier: "standard" } });
    expect(body).toMatchObject({
      message: "Usage recorded.",
      record: { event_id: "e-1", billed_amount: "0.3128", usage_amount: "10", metadata: { tier: "standard" } },
      balance: "4.6872",
      balance_nanodollars: "4687200000",
      thresholds_crossed: [],
    });
  });

  it("M07: names each crossing in the one answer that caused it", async () => {
    const sale = await sell(app, "5");
    const charges = Array.from({ length: 49 }, (_, index) =>
      meter(sale, { event_id: `e${index}`, billed_amount: "0.1" }),
    );
    const crossed = (await Promise.all(charges)).flatMap(({ body }) => body.thresholds_crossed);
    expect(crossed).toEqual(["low", "critical"]);
    expect(await wakes(app, `purchase/${sale.purchaseId}`)).toBeGreaterThan(1);
  });

  it("A05: 50 retries of one event charge it once", async () => {
    const sale = await sell(app, "5");
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => meter(sale, { event_id: "same", billed_amount: "0.5" })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(new Set(answers.map(({ body }) => body.balance))).toEqual(new Set(["4.5"]));
    expect(answers.filter(({ headers }) => headers.get("idempotency-replayed") === "true")).toHaveLength(49);
  });

  it("M01: an event sent again a year later is still the same event", async () => {
    const timestamp = new Date().toISOString();
    const first = await meter(shared, { event_id: "yearly", billed_amount: "1", timestamp });
    app.clock.offsetMs = 365 * DAY_MS;
    const again = await meter(shared, { event_id: "yearly", billed_amount: "1", timestamp });
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again.body.record).toEqual(first.body.record);
    expect(again.body.balance).toBe(first.body.balance);
  });

  it("M02: events may come out of order and 35 days late", async () => {
    for (const days of [1, 35, 3]) {
      const timestamp = new Date(Date.now() - days * DAY_MS).toISOString();
      expect(await meter(shared, { event_id: `late-${days}`, timestamp })).toMatchObject({
        status: 200,
        body: { record: { timestamp } },
      });
    }
  });

  it("A03: the same event id at two purchases is two events", async () => {
    const [mine, yours] = [await sell(app, "5"), await sell(app, "5")];
    const answers = await Promise.all([mine, yours].map((sale) => meter(sale, { event_id: "1", billed_amount: "1" })));
    expect(answers.map(({ body }) => [body.message, body.balance])).toEqual(Array(2).fill(["Usage recorded.", "4"]));
  });

  it("takes the Idempotency-Key for an event id, and without either counts each call", async () => {
    const sale = await sell(app, "5");
    const key = { "idempotency-key": "k-1" };
    expect((await meter(sale, { billed_amount: "1" }, key)).body.balance).toBe("4");
    expect((await meter(sale, { billed_amount: "1", event_id: "k-1" }, key)).body.balance).toBe("4");
    expect((await meter(sale, { billed_amount: "1" })).body.balance).toBe("3");
    expect((await meter(sale, { billed_amount: "1" })).body.balance).toBe("2");
  });

  it("A10: the purchase is the path's, whatever the body says, and the balance is nobody's to send", async () => {
    const sale = await sell(app, "5");
    const forged = {
      purchase_id: shared.purchaseId,
      balance: "1000",
      account: "revenue/purchases",
      platform_fee: "-9",
    };
    const before = await balanceOf(shared);
    const { body } = await meter(sale, { billed_amount: "1", ...forged });
    expect(body).toMatchObject({ balance: "4", record: { purchase_id: sale.purchaseId } });
    expect(await balanceOf(shared)).toBe(before);
  });

  it("keeps what a number said exactly where it has one plain spelling", async () => {
    const sale = await sell(app, "5");
    expect((await meter(sale, { usage_amount: 0.1, billed_amount: 0.3 })).body).toMatchObject({
      record: { usage_amount: "0.1", billed_amount: "0.3" },
      balance: "4.7",
    });
  });
});

describe("402 insufficient_funds", () => {
  it("charges nothing, tells the lifecycle, and does not burn the event id", async () => {
    const sale = await sell(app, "1");
    const answer = await meter(sale, { event_id: "big", billed_amount: "1.000000001" });
    expect(answer).toMatchObject({
      status: 402,
      body: { code: "insufficient_funds", balance: "1", thresholds_crossed: ["low", "critical", "termination"] },
    });
    expect(await balanceOf(sale)).toBe("1000000000");
    expect(await wakes(app, `purchase/${sale.purchaseId}`)).toBeGreaterThan(1);
    expect((await meter(sale, { event_id: "big", billed_amount: "1" })).body.balance).toBe("0");
  });
});

describe("409 idempotency_conflict", () => {
  it("A02: another amount, unit or time under a used event id is refused, never swallowed", async () => {
    const sale = await sell(app, "5");
    const first = { event_id: "e", billed_amount: "1" };
    await meter(sale, first);
    for (const other of [
      { billed_amount: "2" },
      { usage_unit: "GB" },
      { timestamp: 0 + Date.now() },
      { usage_amount: "2" },
    ]) {
      expect(await meter(sale, { ...first, ...other })).toMatchObject({
        status: 409,
        body: { code: "idempotency_conflict" },
      });
    }
    expect(await balanceOf(sale)).toBe("4000000000");
  });
});

describe("410 purchase_terminated", () => {
  it("takes no usage once termination began", async () => {
    const sale = await sell(app, "5");
    await exhaust(app, sale, "4.96");
    expect(await meter(sale, { billed_amount: "0.01" })).toMatchObject({
      status: 410,
      body: { code: "purchase_terminated" },
    });
    expect(await balanceOf(sale)).toBe("40000000");
  });
});

describe("404 purchase_not_found", () => {
  it("A09: another's purchase, and one that does not exist, with a valid key of one's own", async () => {
    const other = await sell(app, "5");
    for (const purchaseId of [other.purchaseId, "pur_none"]) {
      expect(await meter({ ...shared, purchaseId }, { billed_amount: "1" })).toMatchObject({
        status: 404,
        body: { code: "purchase_not_found" },
      });
    }
    expect(await balanceOf(other)).toBe("5000000000");
  });
});

describe("403 forbidden", () => {
  it("for the customer's key: who pays does not meter", async () => {
    expect((await meter({ ...shared, vendorKey: shared.customerKey }, {})).status).toBe(403);
  });
});

describe("400 event_id_mismatch", () => {
  it("when body and header name different events", async () => {
    expect(await meter(shared, { event_id: "a" }, { "idempotency-key": "b" })).toMatchObject({
      status: 400,
      body: { code: "event_id_mismatch" },
    });
  });
});

describe("400 unit_not_priced", () => {
  it("names the units that have a price", async () => {
    expect(await meter(shared, { usage_unit: "FURLONG" })).toMatchObject({
      status: 400,
      body: { code: "unit_not_priced", units: expect.arrayContaining(["GB_MONTH"]) },
    });
  });
});

describe("400 usage_time_out_of_range", () => {
  it.each([
    ["401 days ago", () => Date.now() - 401 * DAY_MS],
    ["11 minutes ahead", () => Date.now() + 660_000],
    ["the year 275760", () => 8.64e15],
    ["1970", () => 0],
  ])("M02: %s", async (_name, when) => {
    expect(await meter(shared, { timestamp: when() })).toMatchObject({
      status: 400,
      body: { code: "usage_time_out_of_range" },
    });
  });
});

describe("400 invalid_amount and invalid_request", () => {
  it.each([
    ["-1"],
    ["0"],
    ["1e3"],
    ["NaN"],
    ["Infinity"],
    ["0x10"],
    [" 1"],
    ["1,5"],
    ["١٢"],
    ["１"],
    ["0.0000000001"],
    ["1000000001"],
    ["9".repeat(32)],
    ["9".repeat(33)],
    [1e-9],
    [1e21],
    [true],
    [null],
    [{}],
    [["1"]],
  ])("L11: billed_amount %j changes nothing", async (billed_amount) => {
    const before = await balanceOf(shared);
    const answer = await meter(shared, { billed_amount });
    expect([answer.status, String(answer.body.code)]).toEqual([
      400,
      expect.stringMatching(/^invalid_(amount|request)$/),
    ]);
    expect(await balanceOf(shared)).toBe(before);
  });

  it.each([["-1"], ["abc"], ["1e3"], [".5"], ["1."], ["1.0000000001"], ["٣"], ["9".repeat(16)], [-1], [""]])(
    "L11: usage_amount %j changes nothing, even where a billed amount makes it needless",
    async (usage_amount) => {
      const before = await balanceOf(shared);
      const answer = await meter(shared, { usage_amount, billed_amount: "0.1" });
      expect([answer.status, String(answer.body.code)]).toEqual([
        400,
        expect.stringMatching(/^invalid_(amount|request)$/),
      ]);
      expect(await balanceOf(shared)).toBe(before);
    },
  );

  it.each([
    [{ timestamp: "yesterday" }],
    [{ timestamp: "2026-02-30T00:00:00Z" }],
    [{ timestamp: "2026-01-01" }],
    [{ timestamp: -1 }],
    [{ usage_unit: "" }],
    [{ usage_unit: 1 }],
    [{ event_id: "" }],
    [{ event_id: "x".repeat(256) }],
    [{ metadata: [] }],
    [{ metadata: { a: "x".repeat(16_001) } }],
    [{ metadata: { a: "\u0000" } }],
    [{ metadata: { "\ud800": 1 } }],
    [{ metadata: { a: [{ b: "\udc00" }] } }],
    [{ description: "x".repeat(1_025) }],
  ])("%j changes nothing", async (json) => {
    const before = await balanceOf(shared);
    expect(await meter(shared, { billed_amount: "0.1", ...json })).toMatchObject({
      status: 400,
      body: { code: "invalid_request" },
    });
    expect(await balanceOf(shared)).toBe(before);
  });

  it.each(HOSTILE_TEXTS)("A11: %s is refused or kept as it was sent, never run", async (_name, text) => {
    for (const json of [
      { event_id: `${newId("e")}${text}` },
      { usage_unit: text },
      { description: text },
      { metadata: { [text]: text } },
    ]) {
      const { status, body } = await meter(shared, { billed_amount: "0.000001", ...json });
      expect([200, 400]).toContain(status);
      if (status === 200) expect(body.record).toMatchObject(toRecord(json));
    }
  });

  it("A11: SQL in the Authorization header is only a wrong key", async () => {
    for (const vendorKey of ["vbk_' OR 1=1 --", "' UNION SELECT 1 --", "vbk_%00"]) {
      expect((await meter({ ...shared, vendorKey }, {})).status).toBe(401);
    }
  });
});

describe("503 ledger_overloaded", () => {
  it("refuses what the ledger cannot take now, to be tried again under the same event id", async () => {
    const full = await startTestApp({}, ({ database }) => ({
      ledger: openLedger({ databaseUrl: database.client.config.connection.connectionString, longestQueue: 0 }),
    }));
    const sale = await sell(full, "5");
    const json = { usage_amount: "1", usage_unit: "GB_MONTH", event_id: "e" };
    const answer = await full.call(`/purchase/${sale.purchaseId}/meter-usage`, { key: sale.vendorKey, json });
    expect(answer).toMatchObject({ status: 503, body: { code: "ledger_overloaded" } });
    await full.context.ledger.close();
    await full.close();
  });
});

/** What the record says of these members, for those that it repeats. */
function toRecord(json: object): object {
  const repeated = ["event_id", "usage_unit", "description", "metadata"];
  return Object.fromEntries(Object.entries(json).filter(([name]) => repeated.includes(name)));
}
