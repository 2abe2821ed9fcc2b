import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cancelPurchase } from "../../../../src/products/purchases/cancel-purchase.ts";
import { listEvents } from "../../../../src/products/purchases/event-store.ts";
import { announce } from "../../../../src/products/purchases/notices/announce.ts";
import { billingUrl, readTold, readToldPurchase } from "../../../../src/products/purchases/notices/told-purchase.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { charge, sell } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("readTold", () => {
  it("reads an event with its purchase as it is now, not as it was then", async () => {
    const sale = await sell(app, "5");
    const [event] = (await listEvents(app.database, sale.purchaseId)).filter(({ notify }) => notify);
    await charge(app, sale, "1.5");
    const told = await readTold(app.database, event?.id ?? "");
    expect(told).toMatchObject({
      event: { id: event?.id },
      purchase: { id: sale.purchaseId },
      balance: 3_500_000_000n,
    });
    expect(await readTold(app.database, "evt_none")).toBeNull();
    expect(await readToldPurchase(app.database, "pur_none")).toBeNull();
  });

  it("knows how a purchase ended: cancelled, and refunded once it was", async () => {
    const { purchaseId } = await sell(app, "5");
    expect((await readToldPurchase(app.database, purchaseId))?.ending).toBeNull();
    await cancelPurchase(app.context, { purchaseId, isConfirmed: true });
    expect((await readToldPurchase(app.database, purchaseId))?.ending).toBe("cancelled");
    const refunded = { purchaseId, type: "purchase.refunded", key: "refunded:1", data: { amount: "5" } };
    await app.database.transaction((transaction) => announce(transaction, refunded));
    expect((await readToldPurchase(app.database, purchaseId))?.ending).toBe("refunded");
  });
});

it("links to nothing where the server does not know its own address", () => {
  const vendor = { name: "Shop", supportUrl: null };
  expect(billingUrl({ ...vendor, publicUrl: null }, "pur_1")).toBeNull();
  expect(billingUrl({ ...vendor, publicUrl: "https://shop.example" }, "pur_1")).toBe(
    "https://shop.example/purchase/pur_1",
  );
});
