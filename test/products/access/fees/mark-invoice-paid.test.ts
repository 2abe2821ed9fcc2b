import { afterAll, beforeAll, expect, it } from "vitest";
import { markInvoicePaid } from "../../../../src/products/access/fees/mark-invoice-paid.ts";
import { type FeesApp, startFeesApp } from "./fees-app.ts";

let app: FeesApp;
beforeAll(async () => {
  app = await startFeesApp();
});
afterAll(() => app.close());

it("marks nothing where the books refuse, and can then be said again", async () => {
  const { invoiceId: id } = await app.invoiced();
  const input = { id, reference: "SEPA 3", actor: "ada", note: "" };
  const postIn = async () => Promise.reject(new Error("the books cannot be reached"));
  await expect(markInvoicePaid({ ...app.context, ledger: { postIn } }, input)).rejects.toThrow("cannot be reached");
  expect(await app.owner("access_invoices").where({ id }).first()).toMatchObject({ status: "open", reference: null });
  expect(await app.owner("operator_actions").where("subject", `invoice/${id}`)).toEqual([]);
  expect(await markInvoicePaid(app.context, input)).toMatchObject({ status: "paid", reference: "SEPA 3" });
});
