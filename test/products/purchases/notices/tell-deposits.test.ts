import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { advance, eventTypes, sell } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const usdt = () => {
  const token = app.chain.chain.network.tokens.find(({ symbol }) => symbol === "USDT");
  if (token === undefined) throw new Error("the chain has no USDT");
  return token.address;
};

it("tells the customer once of a deposit that could not be credited, and of each time one is lost", async () => {
  const sale = await sell(app);
  app.chain.pay({ to: sale.checkout.depositAddress, units: 3_000_000n, token: usdt() });
  await app.context.cashier.lookNow("local", sale.checkout.depositAddressId);
  for (let look = 0; look < 3; look += 1) await advance(app, sale);
  const told = async () => (await eventTypes(app, sale)).filter((type) => type.startsWith("purchase.deposit_"));
  expect(await told()).toEqual(["purchase.deposit_in_suspense"]);
  await app
    .owner("deposits")
    .where("deposit_address_id", sale.checkout.depositAddressId)
    .where("status", "confirmed")
    .update({
      status: "reversed",
      waiting_for: "block_replaced",
    });
  for (let look = 0; look < 3; look += 1) await advance(app, sale);
  expect(await told()).toEqual(["purchase.deposit_in_suspense", "purchase.deposit_reversed"]);
});

it("says in the purchase what every deposit is worth to its customer", async () => {
  const sale = await sell(app, "2");
  app.chain.pay({ to: sale.checkout.depositAddress, units: 4_000_000n, token: usdt() });
  await app.context.cashier.lookNow("local", sale.checkout.depositAddressId);
  const shown = await app.context.cashier.listDeposits(app.database, sale.checkout.depositAddressId);
  expect(shown).toMatchObject([
    { token: "USDC", status: "confirmed", credited: "2", account_kind: "balance", refundable: false },
    { token: "USDT", status: "suspense", amount: "4", credited: "0", account_kind: "suspense", refundable: true },
  ]);
  const totals = await app.context.cashier.readTotals(app.database, sale.checkout.depositAddressId);
  expect(totals).toEqual({ confirmed: 2_000_000_000n, observed: 0n });
});
