import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mintApiKey } from "../../../../src/identity/api-keys.ts";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { drawInvoices } from "../../../../src/products/access/fees/draw-invoices.ts";
import { selectAssetEarnings } from "../../../../src/products/access/fees/earnings-store.ts";
import { returnUnused } from "../../../../src/products/access/fees/return-unused.ts";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";
import { type Sales, salesIn } from "./fees-world.ts";

let app: TestApp;
let sales: Sales;
beforeAll(async () => {
  app = await startTestApp();
  sales = salesIn({ ...app, ledger: app.context.ledger });
});
afterAll(() => app.close());

const DAY = "2026-11-10T10:00:00Z";

async function sellingMerchant() {
  const merchantId = await sales.merchant();
  const { key } = await mintApiKey(app.database, { kind: "merchant", subject: merchantId });
  return { merchantId, key };
}

type Report = { data: { rows: Record<string, unknown>[]; totals: Record<string, unknown>; nextCursor: string | null } };

async function report(key: string, query: string): Promise<Report["data"]> {
  const { status, body } = await app.call(`/api/v1/merchant/earnings?${query}`, { key });
  expect(status).toBe(200);
  return (body as unknown as Report).data;
}

const NOVEMBER = "from=2026-11-01&to=2026-12-01";

describe("GET /api/v1/merchant/earnings", () => {
  it("is exact in dollars and base units, by day, asset, network and token, and gross is fee and net", async () => {
    const { merchantId, key } = await sellingMerchant();
    const [one, two] = [await sales.asset(merchantId), await sales.asset(merchantId)];
    await sales.sell({ merchantId, assetId: one, units: 333n, at: new Date("2026-11-01T00:00:00Z") });
    await sales.sell({ merchantId, assetId: one, units: 1_000_001n, at: new Date("2026-11-01T23:59:59.999Z") });
    await sales.sell({
      merchantId,
      assetId: two,
      units: 50n,
      at: new Date("2026-11-02T00:00:00Z"),
      network: "eip155:8453",
    });
    await sales.sell({ merchantId, assetId: two, units: 9_000_000n, at: new Date("2026-12-01T00:00:00Z") });
    const byDay = await report(key, NOVEMBER);
    expect(byDay.rows).toMatchObject([
      {
        key: "2026-11-01",
        network: "solana:local",
        token: "USDC",
        payments: 2,
        grossUnits: "1000334",
        feeUnits: "20006",
        netUnits: "980328",
        gross: "1.000334",
        fee: "0.020006",
        net: "0.980328",
      },
      {
        key: "2026-11-02",
        network: "eip155:8453",
        payments: 1,
        grossUnits: "50",
        feeUnits: "1",
        netUnits: "49",
        net: "0.000049",
      },
    ]);
    expect(byDay.totals).toMatchObject({
      payments: 3,
      gross: "1.000384",
      fee: "0.020007",
      net: "0.980377",
      earned: "0.980377",
    });
    const byAsset = await report(key, `${NOVEMBER}&groupBy=asset`);
    expect(new Set(byAsset.rows.map(({ key: asset }) => asset))).toEqual(new Set([one, two]));
    expect((await report(key, `${NOVEMBER}&groupBy=network`)).rows.map(({ key: name }) => name)).toEqual([
      "eip155:8453",
      "solana:local",
    ]);
    expect((await report(key, `${NOVEMBER}&groupBy=token`)).rows.map(({ key: name }) => name)).toEqual([
      "USDC",
      "USDC",
    ]);
    const sums = await selectAssetEarnings(app.database, { merchantId, assetIds: [one, two, "ast_none"] });
    expect([...sums.keys()].sort()).toEqual([one, two].sort());
    expect(sums.get(two)).toMatchObject({ payments: 2, gross: 9_000_050_000n });
  });

  it("shows what was given back when it was, and what is left", async () => {
    const { merchantId, key } = await sellingMerchant();
    const { sessionId } = await sales.sell({ merchantId, units: 1_000_000n, at: new Date("2026-10-31T23:00:00Z") });
    await app.database.transaction((transaction) =>
      returnUnused(transaction, app.context, { sessionId, amount: parseDollars("0.5"), now: new Date(DAY) }),
    );
    const { totals } = await report(key, NOVEMBER);
    expect(totals).toMatchObject({ payments: 0, gross: "0", returned: "0.5", returnedFee: "0.01", earned: "-0.49" });
  });

  it("is continued by its cursor without a gap, and is the merchant's own", async () => {
    const [{ merchantId, key }, other] = [await sellingMerchant(), await sellingMerchant()];
    for (const day of ["03", "04", "05"]) {
      await sales.sell({ merchantId, units: 1_000_000n, at: new Date(`2026-11-${day}T12:00:00Z`) });
    }
    const days: unknown[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: Report["data"] = await report(key, `${NOVEMBER}&limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`);
      days.push(...page.rows.map(({ key: name }) => name));
      cursor = page.nextCursor;
    }
    expect(days).toEqual(["2026-11-03", "2026-11-04", "2026-11-05"]);
    expect((await report(other.key, NOVEMBER)).rows).toEqual([]);
  });

  it("A20: is CSV by Accept or format, in which nobody's text is run as a formula", async () => {
    const { merchantId, key } = await sellingMerchant();
    await sales.sell({ merchantId, units: 1_000_000n, at: new Date(DAY), token: '=HYPERLINK("http://evil.example")' });
    const byFormat = await app.call(`/api/v1/merchant/earnings?${NOVEMBER}&format=csv`, { key });
    const byAccept = await app.call(`/api/v1/merchant/earnings?${NOVEMBER}`, { key, headers: { accept: "text/csv" } });
    expect(byFormat.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(byAccept.body).toEqual(byFormat.body);
    expect(`${byFormat.body.text}`.split("\r\n")).toEqual([
      "day,network,token,payments,gross,fee,net,returned,returnedFee,earned,grossUnits,feeUnits,netUnits",
      `2026-11-10,solana:local,"'=HYPERLINK(""http://evil.example"")",1,1,0.02,0.98,0,0,0.98,1000000,20000,980000`,
      "",
    ]);
  });

  it.each([
    ["from=2026-12-01&to=2026-11-01", "earnings_range_invalid"],
    ["from=2025-01-01&to=2026-11-01", "earnings_range_invalid"],
    ["from=9999-01-01&to=9999-11-01", "invalid_request"],
    ["from=yesterday", "invalid_request"],
    ["groupBy=payer", "invalid_request"],
    ["limit=0", "invalid_request"],
    ["cursor=AAAA", "earnings_cursor_invalid"],
    ["cursor=WyJhc3NldCIsImEiLCJiIiwiYyJd", "earnings_cursor_invalid"],
  ])("refuses %s by name", async (query, code) => {
    const { key } = await sellingMerchant();
    const { status, body } = await app.call(`/api/v1/merchant/earnings?${query}`, { key });
    expect({ status, code: body.code }).toEqual({ status: 400, code });
    expect(body.detail).not.toMatch(/Invalid input/);
  });

  it("is closed without a merchant's key", async () => {
    for (const key of [undefined, "sk_live_wrong"]) {
      const { status } = await app.call("/api/v1/merchant/earnings", key === undefined ? {} : { key });
      expect(status).toBe(401);
    }
    expect((await app.call("/api/v1/merchant/earnings", { key: ADMIN_TOKEN })).status).toBe(403);
  });
});

describe("invoices over HTTP", () => {
  it("are a merchant's own to read, and the operator's to mark as paid", async () => {
    const [{ merchantId, key }, other] = [await sellingMerchant(), await sellingMerchant()];
    await sales.sell({ merchantId, units: 1_000_000n, at: new Date("2026-08-10T00:00:00Z") });
    await drawInvoices({ database: app.database, clock: { now: () => Date.parse("2026-09-02T00:00:00Z") } });
    const listed = await app.call("/api/v1/merchant/invoices", { key });
    const [invoice] = (listed.body as unknown as { data: { invoices: { id: string }[] } }).data.invoices;
    expect(listed.body).toMatchObject({
      status: "success",
      data: { invoices: [{ month: "2026-08", amount: "0.02", status: "open" }] },
    });
    const path = `/api/v1/merchant/invoices/${invoice?.id}`;
    expect((await app.call(path, { key })).status).toBe(200);
    expect((await app.call(path, { key: other.key })).body).toMatchObject({ code: "invoice_not_found", status: 404 });
    const paid = `/admin/invoices/${invoice?.id}/paid`;
    expect((await app.call(paid, { key, json: { reference: "r" } })).status).toBe(403);
    expect((await app.call(paid, { key: ADMIN_TOKEN, json: { reference: "" } })).status).toBe(400);
    for (let time = 0; time < 2; time += 1) {
      const answer = await app.call(paid, { key: ADMIN_TOKEN, json: { reference: "SEPA 7" } });
      expect(answer).toMatchObject({ status: 200, body: { status: "paid", reference: "SEPA 7" } });
    }
    expect((await app.call(paid, { key: ADMIN_TOKEN, json: { reference: "SEPA 8" } })).body.code).toBe(
      "invoice_already_paid",
    );
    const open = await app.call(`/admin/invoices?status=open&merchantId=${merchantId}`, { key: ADMIN_TOKEN });
    expect(open.body).toEqual({ invoices: [], nextCursor: null });
  });
});
