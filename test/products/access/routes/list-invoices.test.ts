import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FeesApp, startFeesApp } from "../fees/fees-app.ts";

let app: FeesApp;
beforeAll(async () => {
  app = await startFeesApp();
});
afterAll(() => app.close());

const list = (query: string, key = app.adminToken) => app.call(`/admin/invoices?${query}`, { key });

describe("GET /admin/invoices", () => {
  it("200: lists every merchant's, newest first and page by page, or one merchant's", async () => {
    const [older, newer] = [await app.invoiced(), await app.invoiced()];
    const first = await list("limit=1");
    expect(first).toMatchObject({ status: 200, body: { invoices: [{ id: newer.invoiceId }] } });
    expect(await list(`limit=1&cursor=${first.body.nextCursor}`)).toMatchObject({
      body: { invoices: [{ id: older.invoiceId }], nextCursor: null },
    });
    expect(await list(`merchantId=${older.merchantId}`)).toMatchObject({
      body: { invoices: [{ id: older.invoiceId }], nextCursor: null },
    });
    expect(await list("merchantId=mer_nobody")).toMatchObject({ body: { invoices: [] } });
  });

  it("is the operator's alone", async () => {
    const { key } = await app.seller();
    expect([(await list("", key)).status, (await app.call("/admin/invoices")).status]).toEqual([403, 401]);
  });
});
