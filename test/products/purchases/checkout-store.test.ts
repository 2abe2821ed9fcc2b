import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashSecret } from "../../../src/platform/secret-hash.ts";
import { findCheckout, insertCheckout, moveCheckout } from "../../../src/products/purchases/checkout-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { initiate } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("findCheckout", () => {
  it("finds the same checkout by session, id and purchase, and nothing by a wrong one", async () => {
    const { sessionId, checkout } = await initiate(app, {
      email: "a@example.com",
      orgId: "org",
      host: "https://h.example",
    });
    expect(checkout).toMatchObject({ email: "a@example.com", orgId: "org", host: "https://h.example", userId: null });
    const keys = [{ sessionHash: hashSecret(sessionId) }, { id: checkout.id }, { purchaseId: checkout.purchaseId }];
    for (const key of keys) expect(await findCheckout(app.database, key)).toEqual(checkout);
    for (const key of [{ sessionHash: hashSecret("x") }, { id: "chk_none" }, { purchaseId: checkout.id }]) {
      expect(await findCheckout(app.database, key)).toBeNull();
    }
  });

  it("makes a second locker wait until the first commits", async () => {
    const { checkout } = await initiate(app);
    const order: string[] = [];
    let second: Promise<unknown> = Promise.resolve();
    await app.database.transaction(async (first) => {
      await findCheckout(first, { id: checkout.id }, { lock: true });
      second = app.database.transaction(async (other) => {
        await findCheckout(other, { id: checkout.id }, { lock: true });
        order.push("second");
      });
      await new Promise((resolve) => setTimeout(resolve, 200));
      order.push("first");
    });
    await second;
    expect(order).toEqual(["first", "second"]);
  });
});

describe("insertCheckout", () => {
  it("refuses a second checkout for a session, a purchase or a deposit address", async () => {
    const [{ checkout: one, sessionId }, { checkout: two }] = [await initiate(app), await initiate(app)];
    const fresh = { ...two, id: "chk_new", purchaseId: "pur_new", depositAddressId: "da_new" };
    const doubles = [
      insertCheckout(app.database, fresh, hashSecret(sessionId)),
      insertCheckout(app.database, { ...fresh, purchaseId: one.purchaseId }, hashSecret("other-1")),
      insertCheckout(app.database, { ...fresh, depositAddressId: one.depositAddressId }, hashSecret("other-2")),
    ];
    const results = await Promise.allSettled(doubles);
    expect(results.map((result) => result.status === "rejected" && result.reason.code)).toEqual(Array(3).fill("23505"));
  });
});

describe("moveCheckout", () => {
  it("leaves only the states it is told to, and one of 20 parallel movers does it", async () => {
    const { checkout } = await initiate(app);
    const move = { id: checkout.id, from: ["awaiting_deposit"], to: "paid" } as const;
    const moved = await Promise.all(Array.from({ length: 20 }, () => moveCheckout(app.database, move)));
    expect(moved.filter(Boolean)).toHaveLength(1);
    expect(await moveCheckout(app.database, { ...move, from: ["expired"], to: "awaiting_deposit" })).toBe(false);
    expect((await findCheckout(app.database, { id: checkout.id }))?.status).toBe("paid");
  });

  it("notes when it was finalized, and only then", async () => {
    const { checkout } = await initiate(app);
    const find = () => findCheckout(app.database, { id: checkout.id });
    await moveCheckout(app.database, { id: checkout.id, from: ["awaiting_deposit"], to: "paid" });
    expect((await find())?.finalizedAt).toBeNull();
    await moveCheckout(app.database, { id: checkout.id, from: ["paid"], to: "finalized" });
    expect((await find())?.finalizedAt).toBeInstanceOf(Date);
  });
});
