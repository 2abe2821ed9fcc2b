import { afterAll, beforeAll, expect, it } from "vitest";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import { parseDollars } from "../../../src/money/nanodollars.ts";
import { openRemainderRefunds } from "../../../src/products/purchases/remainder-refunds.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { sell } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("promises a remainder back to the sender of the deposit it came by, once per key", async () => {
  const sale = await sell(app, "5");
  const refund = openRemainderRefunds(app.context);
  const input = {
    key: `remainder:${sale.purchaseId}:1`,
    account: accounts.purchase(sale.purchaseId),
    depositAddressId: sale.checkout.depositAddressId,
    amount: parseDollars("3.5"),
  };
  const ask = () => app.database.transaction((transaction) => refund(transaction, input));
  const first = await ask();
  expect(first).toEqual([{ id: expect.any(String), amount: parseDollars("3.5"), status: "open" }]);
  expect(await ask()).toEqual(first);
  const { rows } = await app.database.raw<{ rows: { balance: string }[] }>(
    "SELECT b.balance FROM balances b JOIN ledger_accounts a ON a.id = b.account_id WHERE a.name = ?",
    [input.account],
  );
  expect(rows[0]?.balance).toBe("1500000000");
});
