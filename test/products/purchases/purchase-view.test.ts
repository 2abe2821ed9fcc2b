import { afterAll, beforeAll, expect, it } from "vitest";
import { readPurchaseView } from "../../../src/products/purchases/purchase-view.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { charge, pay, sell } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const view = (purchaseId: string) => readPurchaseView(app.context, { purchaseId });

it("shows the ledger's balance to the last nanodollar, in both spellings", async () => {
  const sale = await sell(app, "5");
  await charge(app, sale, "0.000000001");
  expect((await view(sale.purchaseId)).purchase).toMatchObject({
    balance: "4.999999999",
    balance_nanodollars: "4999999999",
  });
});

it("names the prices that were sold and the way to pay more", async () => {
  const { purchaseId } = await sell(app);
  const { purchase, checkout_wallet } = await view(purchaseId);
  expect(purchase.price_line).toContain("$0.03128 storage per GB and month");
  expect(checkout_wallet).toMatchObject({ token: "USDC", chain: "local", token_address: expect.stringMatching(/^0x/) });
});

it("lists every deposit, also one that still waits for confirmations", async () => {
  const sale = await sell(app, "5");
  await pay(app, sale, "2000");
  const { checkout_wallet, purchase } = await view(sale.purchaseId);
  expect(checkout_wallet.deposits.map(({ amount, status }) => [amount, status])).toEqual([
    ["5", "confirmed"],
    ["2000", "observed"],
  ]);
  expect(purchase.balance).toBe("5");
});

it("still shows a purchase whose chain this server no longer offers", async () => {
  const { purchaseId } = await sell(app);
  const needs = { database: app.database, cashier: { ...app.context.cashier, methods: [] } };
  const { checkout_wallet } = await readPurchaseView(needs, { purchaseId });
  expect(checkout_wallet).toMatchObject({ token_address: null, explorer_url: null });
});

it("refuses a purchase that does not exist", async () => {
  await expect(view("pur_none")).rejects.toMatchObject({ code: "purchase_not_found" });
});
