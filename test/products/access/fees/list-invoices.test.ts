import { afterAll, beforeAll, expect, it } from "vitest";
import { listInvoices } from "../../../../src/products/access/fees/list-invoices.ts";
import { type FeesApp, startFeesApp } from "./fees-app.ts";

let app: FeesApp;
beforeAll(async () => {
  app = await startFeesApp();
});
afterAll(() => app.close());

const list = (input: { readonly merchantId: string | null; readonly cursor?: string; readonly limit?: number }) =>
  listInvoices(app, { status: undefined, cursor: undefined, limit: 50, ...input });

it("shows everybody's or one merchant's, newest first, each once", async () => {
  const [first, second, third] = [await app.invoiced(), await app.invoiced(), await app.invoiced()];
  const page = await list({ merchantId: null, limit: 2 });
  const rest = await list({ merchantId: null, limit: 2, cursor: page.nextCursor ?? "" });
  const ids = [...page.invoices, ...rest.invoices].map(({ id }) => id);
  expect(ids).toEqual([third.invoiceId, second.invoiceId, first.invoiceId]);
  expect(rest.nextCursor).toBeNull();
  expect(await list({ merchantId: second.merchantId })).toMatchObject({ invoices: [{ id: second.invoiceId }] });
});
