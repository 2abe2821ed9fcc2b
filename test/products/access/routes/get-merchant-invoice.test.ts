import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FeesApp, startFeesApp } from "../fees/fees-app.ts";

let app: FeesApp;
beforeAll(async () => {
  app = await startFeesApp();
});
afterAll(() => app.close());

const read = (id: string, key: string) => app.call(`/api/v1/merchant/invoices/${id}`, { key });

describe("GET /api/v1/merchant/invoices/:id", () => {
  it("200: shows what the month's sales and their fees were, by network and token", async () => {
    const { invoiceId, merchantId, key } = await app.invoiced();
    expect(await read(invoiceId, key)).toMatchObject({
      status: 200,
      body: {
        status: "success",
        data: {
          ...{ id: invoiceId, merchantId, month: "2026-05", amount: "0.02", currency: "USD", status: "open" },
          lines: [
            { network: "solana:local", token: "USDC", payments: 1, gross: "1", feeUnits: "20000", amount: "0.02" },
          ],
        },
      },
    });
  });

  it("404 invoice_not_found for another merchant's and for none", async () => {
    const { invoiceId } = await app.invoiced();
    const { key } = await app.seller();
    for (const id of [invoiceId, "inv_none"]) {
      expect(await read(id, key)).toMatchObject({ status: 404, body: { code: "invoice_not_found" } });
    }
  });

  it("401 without a key", async () => {
    expect((await app.call("/api/v1/merchant/invoices/inv_1")).status).toBe(401);
  });
});
