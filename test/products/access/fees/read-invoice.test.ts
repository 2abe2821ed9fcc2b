import { afterAll, beforeAll, expect, it } from "vitest";
import { readMerchantInvoice } from "../../../../src/products/access/fees/read-invoice.ts";
import { type FeesApp, startFeesApp } from "./fees-app.ts";

let app: FeesApp;
beforeAll(async () => {
  app = await startFeesApp();
});
afterAll(() => app.close());

it("gives a merchant its own invoice; another's is as if there were none", async () => {
  const [own, other] = [await app.invoiced(), await app.invoiced()];
  const read = (id: string) => readMerchantInvoice(app, { id, merchantId: own.merchantId });
  expect(await read(own.invoiceId)).toMatchObject({ id: own.invoiceId, merchantId: own.merchantId });
  for (const id of [other.invoiceId, "inv_none"]) {
    await expect(read(id)).rejects.toMatchObject({ code: "invoice_not_found" });
  }
});
