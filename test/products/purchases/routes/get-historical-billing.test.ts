import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { type Sale, sell } from "../sales.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";

let app: TestApp;
let sale: Sale;
beforeAll(async () => {
  app = await startTestApp();
  sale = await sell(app, "100");
  const now = Date.now();
  await meter("0.1", "GB_MONTH", "0.1", now);
  await meter("0.2", "GB_MONTH", "0.2", now);
  await meter("1000", "=cmd|' /C calc'!A0", "1", now);
  await meter("5", "GB_EGRESS", "2", now - 40 * 86_400_000);
});
afterAll(() => app.close());

async function meter(quantity: string, unit: string, dollars: string, timestamp: number): Promise<void> {
  const json = { usage_amount: quantity, usage_unit: unit, billed_amount: dollars, timestamp };
  const answer = await app.call(`/purchase/${sale.purchaseId}/meter-usage`, { key: sale.vendorKey, json });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

const read = (json?: object, init: object = {}) =>
  app.call(`/purchase/${sale.purchaseId}/historical-billing`, {
    method: "POST",
    key: sale.customerKey,
    ...(json === undefined ? {} : { json }),
    ...init,
  });

const Rows = z.array(
  z.object({
    time_bucket: z.string(),
    purchase_id: z.string(),
    usage_unit: z.string(),
    total_usage_amount: z.string(),
    total_billed_amount: z.string(),
  }),
);
const rows = async (json?: object) => Rows.parse((await read(json)).body);

describe("200", () => {
  it("B3: needs no body, groups by day and unit, oldest first, and sums exactly", async () => {
    const today = `${new Date().toISOString().slice(0, 10)}T00:00:00.000Z`;
    const found = await rows();
    expect(found.map((row) => [row.usage_unit, row.total_usage_amount, row.total_billed_amount])).toEqual([
      ["GB_EGRESS", "5", "2"],
      ["=cmd|' /C calc'!A0", "1000", "1"],
      ["GB_MONTH", "0.3", "0.3"],
    ]);
    expect(found.at(-1)).toMatchObject({ time_bucket: today, purchase_id: sale.purchaseId });
  });

  it.each(["hourly", "weekly", "monthly", "yearly"])("sums the same money %s", async (interval) => {
    const total = (await rows({ interval })).reduce((sum, row) => sum + Number(row.total_billed_amount) * 10, 0);
    expect(total).toBe(33);
  });

  it("keeps to the range and to the unit", async () => {
    const day = 86_400_000;
    const range = { start_date: Date.now() - 41 * day, end_date: new Date(Date.now() - 39 * day).toISOString() };
    expect((await rows(range)).map((row) => row.usage_unit)).toEqual(["GB_EGRESS"]);
    expect((await rows({ unit: "GB_MONTH" })).map((row) => row.usage_unit)).toEqual(["GB_MONTH"]);
    expect(await rows({ start_date: "2001-01-01", end_date: "2001-01-02" })).toEqual([]);
  });

  it("gives pages, each with the cursor of the next", async () => {
    const units: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await read({ limit: 1, ...(cursor === null ? {} : { cursor }) });
      units.push(...Rows.parse(page.body).map((row) => row.usage_unit));
      cursor = page.headers.get("next-cursor");
    } while (cursor !== null);
    expect(units).toEqual(["GB_EGRESS", "=cmd|' /C calc'!A0", "GB_MONTH"]);
  });

  it("A20: is CSV by header or by body, as a file, and runs no formula", async () => {
    const byBody = await read({ format: "csv" });
    const byHeader = await read(undefined, { headers: { accept: "text/csv" } });
    expect(byBody.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(byBody.headers.get("content-disposition")).toBe(`attachment; filename="${sale.purchaseId}-daily.csv"`);
    expect(byHeader.body.text).toBe(byBody.body.text);
    const lines = String(byBody.body.text).split("\r\n");
    expect(lines[0]).toBe("time_bucket,purchase_id,usage_unit,total_usage_amount,total_billed_amount");
    expect(lines).toHaveLength(5);
    expect(lines[2]).toContain(",'=cmd|' /C calc'!A0,1000,1");
  });

  it("streams a history of many pages whole", async () => {
    const bought = await sell(app, "100");
    const now = Math.floor(Date.now() / 3_600_000) * 3_600_000;
    const events = Array.from({ length: 1_203 }, (_, hour) => now - hour * 3_600_000);
    const post = (timestamp: number) =>
      app.call(`/v1/purchase/${bought.purchaseId}/meter-usage`, {
        key: bought.vendorKey,
        json: { usage_amount: "1", usage_unit: "GB", billed_amount: "0.01", timestamp },
      });
    for (let start = 0; start < events.length; start += 100)
      await Promise.all(events.slice(start, start + 100).map(post));
    const answer = await app.call(`/v1/purchase/${bought.purchaseId}/historical-billing`, {
      key: bought.customerKey,
      json: { interval: "hourly", format: "csv" },
    });
    expect(new Set(String(answer.body.text).trimEnd().split("\r\n")).size).toBe(1_204);
  });
});

describe("400", () => {
  it.each([
    ["an interval that is none", { interval: "1 day" }, "invalid_request"],
    ["SQL as an interval", { interval: "day', now()); DROP TABLE offers; --" }, "invalid_request"],
    ["a date that is none", { start_date: "soon" }, "invalid_request"],
    ["a limit without end", { limit: 1e9 }, "invalid_request"],
    ["a range turned round", { start_date: "2026-02-01", end_date: "2026-01-01" }, "billing_range_invalid"],
    ["an empty range", { start_date: "2026-02-01", end_date: "2026-02-01" }, "billing_range_invalid"],
    ["a range before all time", { start_date: 0 }, "billing_range_invalid"],
    ["a range after all time", { end_date: 8.64e15 }, "billing_range_invalid"],
    ["a cursor of nobody's", { cursor: "bm9uc2Vuc2U" }, "billing_cursor_invalid"],
    ["a cursor with a zero character", { cursor: cursorOf(1, "\0") }, "billing_cursor_invalid"],
    ["a cursor beyond time", { cursor: cursorOf(9e15, "GB") }, "billing_cursor_invalid"],
  ])("for %s", async (_name, json, code) => {
    expect(await read(json)).toMatchObject({ status: 400, body: { code } });
    if (code !== "billing_cursor_invalid") expect((await read({ ...json, format: "csv" })).status).toBe(400);
  });

  it.each(HOSTILE_TEXTS)("A11: or nothing found, for %s as a unit", async (_name, unit) => {
    const answer = await read({ unit });
    expect([200, 400]).toContain(answer.status);
    if (answer.status === 200) expect(answer.body).toEqual([]);
  });
});

describe("404 purchase_not_found", () => {
  it("A09: for another's purchase, in either form", async () => {
    const other = await sell(app);
    for (const format of ["json", "csv"]) {
      const init = { key: sale.customerKey, json: { format } };
      const answer = await app.call(`/purchase/${other.purchaseId}/historical-billing`, init);
      expect(answer).toMatchObject({ status: 404, body: { code: "purchase_not_found" } });
    }
  });
});

describe("401 unauthorized", () => {
  it("for no key", async () => {
    expect((await read({}, { key: "" })).status).toBe(401);
  });
});

function cursorOf(bucket: number, unit: string): string {
  return Buffer.from(JSON.stringify([bucket, unit])).toString("base64url");
}
