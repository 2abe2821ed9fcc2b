import { afterAll, beforeAll, expect, it } from "vitest";
import {
  selectRecords,
  selectTimeline,
  type TimelineCursor,
  type TimelineLine,
} from "../../../../src/products/purchases/operators/purchase-record-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { mend, park, repairOf } from "../repairs/repair-world.ts";
import { pay, type Sale, sell } from "../sales.ts";

let app: TestApp;
let sale: Sale;
let other: Sale;
beforeAll(async () => {
  app = await startTestApp();
  [sale, other] = [await sell(app), await sell(app)];
  for (const one of [sale, other]) await pay(app, one, "2");
  await park(app, sale, null);
  await mend(app, sale, repairOf("retryStep"));
});
afterAll(() => app.close());

const scopeOf = ({ purchaseId, checkout }: Sale) => ({
  purchaseId,
  checkoutId: checkout.id,
  depositAddressId: checkout.depositAddressId,
});
const cursorOf = ({ at, what, ref }: TimelineLine): TimelineCursor => ({ at: at.toISOString(), what, ref });

it("reads every record of one purchase and none of another", async () => {
  const records = await selectRecords(app.database, scopeOf(sale));
  expect(records.deposits.map(({ status }) => status)).toEqual(["confirmed", "confirmed"]);
  expect(records.wakes.map(({ subject }) => subject)).toEqual(
    expect.arrayContaining([`checkout/${sale.checkout.id}`, `purchase/${sale.purchaseId}`]),
  );
  const text = JSON.stringify(records);
  for (const foreign of [other.purchaseId, other.checkout.id, other.checkout.depositAddress])
    expect(text).not.toContain(foreign);
});

it("shows no address of a sender or of a deposit: nobody shall send money to what a list says", async () => {
  const text = JSON.stringify([
    await selectRecords(app.database, scopeOf(sale)),
    await selectTimeline(app.database, { ...scopeOf(sale), after: null, limit: 500 }),
  ]);
  const deposits: { from_address: string }[] = await app
    .database("deposits")
    .where("deposit_address_id", sale.checkout.depositAddressId);
  for (const address of [sale.checkout.depositAddress, ...deposits.map((deposit) => deposit.from_address)])
    expect(text).not.toContain(address);
});

it("tells the timeline in the same order page by page, each line once, also where many have one time", async () => {
  const atOnce = Array.from({ length: 20 }, (_, count) => ({
    id: `evt_same_${count}`,
    purchase_id: sale.purchaseId,
    type: "purchase.test",
    event_key: `same:${count}`,
    data: {},
    occurred_at: new Date("2026-01-31T12:00:00Z"),
  }));
  await app.database("purchase_events").insert(atOnce);
  const whole = await selectTimeline(app.database, { ...scopeOf(sale), after: null, limit: 500 });
  expect(whole.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["event", "deposit", "repair"]));
  const paged: TimelineLine[] = [];
  for (;;) {
    const last = paged.at(-1);
    const after = last === undefined ? null : cursorOf(last);
    const page = await selectTimeline(app.database, { ...scopeOf(sale), after, limit: 3 });
    if (page.length === 0) break;
    paged.push(...page);
  }
  expect(paged).toEqual(whole);
  expect(new Set(paged.map(({ what, ref }) => `${what} ${ref}`)).size).toBe(paged.length);
});
