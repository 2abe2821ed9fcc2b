import { afterAll, beforeAll, expect, it } from "vitest";
import { openMoneyMoves } from "../../../../src/products/purchases/repairs/open-money-moves.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { sell, wakes } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("asks the chains room itself: an unknown deposit is refused there, a known one's sweep is woken", async () => {
  const money = openMoneyMoves(app.context);
  const sale = await sell(app);
  const row: { id: string } | undefined = await app
    .database("deposits")
    .where("deposit_address_id", sale.checkout.depositAddressId)
    .first("id");
  const depositId = row?.id ?? "";
  await app.database.transaction((transaction) => money.resumeSweep(transaction, { depositId }));
  expect(await wakes(app, `sweep/${depositId}`)).toBeGreaterThan(0);
  const unknown = app.database.transaction((transaction) =>
    money.requestDepositRefund(transaction, { key: "k", depositId: "dep_none" }),
  );
  await expect(unknown).rejects.toMatchObject({ code: "refund_not_possible" });
});
