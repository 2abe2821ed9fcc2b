import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reviewCheckout, validateCheckout } from "../../../src/products/purchases/checkout.ts";
import { findCheckout } from "../../../src/products/purchases/checkout-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { checkoutNeeds, finalize, initiate, pay, type Session, sell } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const expire = async (session: Session, minutes: number) => {
  const expiresAt = new Date(Date.now() + minutes * 60_000);
  await app.owner("checkouts").where("id", session.checkout.id).update({ expires_at: expiresAt });
};
const validate = async (session: Session) => {
  const checkout = await findCheckout(app.database, { id: session.checkout.id });
  if (checkout === null) throw new Error("no checkout");
  return validateCheckout(checkoutNeeds(app), checkout);
};
const review = (session: Session) => reviewCheckout(app.context, { checkoutId: session.checkout.id });
const shown = (session: Session) => app.context.cashier.listDeposits(app.database, session.checkout.depositAddressId);

describe("C06: a deposit", () => {
  it.each([
    ["before", 60],
    ["in the minute of", 0],
    ["after", -60],
  ])("that comes %s the checkout's expiry buys what it pays for", async (_, minutes) => {
    const session = await initiate(app);
    await expire(session, minutes);
    if (minutes < 0) expect(await review(session)).toMatchObject({ status: "expired" });
    await pay(app, session, "5");
    expect(await validate(session)).toMatchObject({ status: "received", confirmed: 5_000_000_000n });
    expect(await review(session)).toMatchObject({ status: "paid" });
    expect((await finalize(app, session)).purchase.status).toBe("provisioning");
  });

  it("that is too small waits for the rest, and a second and third make one payment of it", async () => {
    const session = await initiate(app);
    await pay(app, session, "0.4");
    expect(await validate(session)).toMatchObject({ status: "underpaid", confirmed: 400_000_000n });
    await pay(app, session, "0.4");
    expect(await validate(session)).toMatchObject({ status: "underpaid" });
    await pay(app, session, "0.4");
    expect(await validate(session)).toMatchObject({ status: "received", confirmed: 1_200_000_000n });
    expect((await shown(session)).map(({ credited }) => credited)).toEqual(["0.4", "0.4", "0.4"]);
  });

  it("that is more than was asked for is credited whole", async () => {
    const session = await initiate(app);
    await pay(app, session, "123.456789");
    expect(await shown(session)).toMatchObject([
      { credited: "123.456789", account_kind: "balance", status: "confirmed" },
    ]);
  });

  it("to a retired address, long after the sale, is credited like any other", async () => {
    const sale = await sell(app, "2");
    const { depositAddressId } = sale.checkout;
    await app.owner("deposit_addresses").where("id", depositAddressId).update({ retired_at: new Date() });
    await pay(app, sale, "3");
    expect((await shown(sale)).map(({ credited }) => credited)).toEqual(["2", "3"]);
    expect(await app.context.cashier.readTotals(app.database, depositAddressId)).toEqual({
      confirmed: 5_000_000_000n,
      observed: 0n,
    });
  });
});
