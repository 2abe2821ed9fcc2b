import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FeesApp, startFeesApp } from "../fees/fees-app.ts";

let app: FeesApp;
beforeAll(async () => {
  app = await startFeesApp();
});
afterAll(() => app.close());

const pay = (id: string, json: object, key = app.adminToken) => app.call(`/admin/invoices/${id}/paid`, { key, json });

describe("POST /admin/invoices/:id/paid", () => {
  it("200: the merchant sees it paid, and the same reference is answered the same", async () => {
    const { invoiceId, key } = await app.invoiced();
    const first = await pay(invoiceId, { reference: "SEPA 7", actor: "ada" });
    expect(first).toMatchObject({ status: 200, body: { id: invoiceId, status: "paid", reference: "SEPA 7" } });
    expect((await pay(invoiceId, { reference: "SEPA 7", actor: "ada" })).body).toEqual(first.body);
    expect(await app.call(`/api/v1/merchant/invoices/${invoiceId}`, { key })).toMatchObject({
      body: { data: { status: "paid" } },
    });
    expect(await app.owner("operator_actions").where("subject", `invoice/${invoiceId}`)).toHaveLength(1);
  });

  it("409 invoice_already_paid under another reference, 404 invoice_not_found for none", async () => {
    const { invoiceId } = await app.invoiced();
    await pay(invoiceId, { reference: "SEPA 8" });
    expect(await pay(invoiceId, { reference: "SEPA 9" })).toMatchObject({
      ...{ status: 409, body: { code: "invoice_already_paid" } },
    });
    expect(await pay("inv_none", { reference: "SEPA 9" })).toMatchObject({
      ...{ status: 404, body: { code: "invoice_not_found" } },
    });
  });

  it("400 without a reference, 403 for the merchant that owes it; the invoice stays open", async () => {
    const { invoiceId, key } = await app.invoiced();
    expect((await pay(invoiceId, { reference: "" })).status).toBe(400);
    expect((await pay(invoiceId, { reference: "mine" }, key)).status).toBe(403);
    expect(await app.owner("access_invoices").where("id", invoiceId).first()).toMatchObject({ status: "open" });
  });
});
