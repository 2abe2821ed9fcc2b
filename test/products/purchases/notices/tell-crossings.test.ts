import { afterAll, beforeAll, expect, it } from "vitest";
import { tellCrossings } from "../../../../src/products/purchases/notices/tell-crossings.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { eventTypes, sell } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("tells 2,300 crossings that came between two looks, none left out and none twice", async () => {
  const sale = await sell(app, "5");
  await app.owner.raw(
    `INSERT INTO threshold_crossings (account_id, name, epoch, level, balance)
     SELECT a.id, 'low', epoch, 1000000000, 900000000 FROM ledger_accounts a, generate_series(1, 2300) epoch WHERE a.name = ?`,
    [`purchase/${sale.purchaseId}`],
  );
  const tell = (toldEpochs: Readonly<Record<string, number>>) =>
    app.database.transaction((transaction) => tellCrossings(transaction, { id: sale.purchaseId, toldEpochs }));
  const told = await tell({});
  expect(told).toEqual({ low: 2300 });
  expect(await tell(told)).toEqual(told);
  expect(await tell({})).toEqual(told);
  const low = (await eventTypes(app, sale)).filter((type) => type === "purchase.balance_low");
  expect(low).toHaveLength(2300);
});
