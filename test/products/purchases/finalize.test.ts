import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance } from "../../../src/ledger/balances.ts";
import { accounts } from "../../../src/ledger/chart-of-accounts.ts";
import { findCheckout } from "../../../src/products/purchases/checkout-store.ts";
import { awaitProvisioned, finalizeCheckout } from "../../../src/products/purchases/finalize.ts";
import { applyOffers } from "../../../src/products/purchases/offer-store.ts";
import { readOfferFile } from "../../../src/products/purchases/offers.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import {
  checkoutNeeds,
  eventTypes,
  finalize,
  initiate,
  paidSession,
  pay,
  provision,
  sellUnprovisioned,
  wakes,
} from "./sales.ts";

const DAY_MS = 86_400_000;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("finalizeCheckout", () => {
  it("C21: makes one purchase out of 50 parallel calls, and all see the same key", async () => {
    const session = await paidSession(app);
    const made = await Promise.all(Array.from({ length: 50 }, () => finalize(app, session)));
    expect(new Set(made.map(({ purchase }) => purchase.id)).size).toBe(1);
    expect(new Set(made.map(({ customerKey }) => customerKey)).size).toBe(1);
    const subject = session.checkout.purchaseId;
    const counts = await Promise.all([
      app.database("purchases").where("id", subject).count(),
      app.database("api_keys").where("subject", subject).count(),
    ]);
    expect(counts).toEqual([[{ count: "1" }], [{ count: "2" }]]);
    expect(await eventTypes(app, { purchaseId: subject })).toEqual(["purchase.created"]);
    expect((await readBalance(app.database, accounts.purchase(subject))).posted).toBe(5_000_000_000n);
  });

  it("keeps two sessions apart: each gets its own purchase, key and balance", async () => {
    const [mine, yours] = [await paidSession(app, "5"), await paidSession(app, "7")];
    const [first, second] = await Promise.all([finalize(app, mine), finalize(app, yours)]);
    expect(first.purchase.id).not.toBe(second.purchase.id);
    expect(first.customerKey).not.toBe(second.customerKey);
    const balances = [first, second].map(({ purchase }) => readBalance(app.database, accounts.purchase(purchase.id)));
    expect((await Promise.all(balances)).map(({ posted }) => posted)).toEqual([5_000_000_000n, 7_000_000_000n]);
  });

  it("wakes the purchase's workflow, and the checkout's, which has nothing left to wait for", async () => {
    const session = await paidSession(app);
    const before = await wakes(app, `checkout/${session.checkout.id}`);
    const { purchase } = await finalize(app, session);
    expect(await wakes(app, `purchase/${purchase.id}`)).toBe(1);
    expect(await wakes(app, `checkout/${session.checkout.id}`)).toBe(before + 1);
  });

  it("tells the purchase's workflow of later deposits, no longer the checkout's", async () => {
    const session = await paidSession(app);
    const { purchase } = await finalize(app, session);
    const before = await wakes(app, `checkout/${session.checkout.id}`);
    await pay(app, session, "3");
    expect(await wakes(app, `checkout/${session.checkout.id}`)).toBe(before);
    expect(await wakes(app, `purchase/${purchase.id}`)).toBeGreaterThan(1);
  });

  it("leaves neither purchase, keys nor wake when a later line of its transaction fails", async () => {
    const session = await paidSession(app);
    const { purchaseId } = session.checkout;
    const cashier = {
      ...app.context.cashier,
      redirectWakes: () => Promise.reject(new Error("the database went away")),
    };
    const input = {
      checkout: session.checkout,
      officexPurchaseId: null,
      buyer: { orgId: null, orgHost: null, userId: null },
    };
    await expect(finalizeCheckout(checkoutNeeds(app, { cashier }), input)).rejects.toThrow("went away");
    expect(await app.database("purchases").where("id", purchaseId)).toEqual([]);
    expect(await app.database("api_keys").where("subject", purchaseId)).toEqual([]);
    expect(await wakes(app, `purchase/${purchaseId}`)).toBe(0);
    expect((await finalize(app, session)).purchase.status).toBe("provisioning");
  });

  it("refuses a checkout below the minimum, says what is there, and changes nothing", async () => {
    const session = await initiate(app);
    await pay(app, session, "0.999999");
    await expect(finalize(app, session)).rejects.toMatchObject({
      code: "payment_not_confirmed",
      members: { confirmed: "0.999999", observed: "0", minimum: "1" },
    });
    expect(await findCheckout(app.database, { id: session.checkout.id })).toMatchObject({ status: "awaiting_deposit" });
  });

  it("sells for exactly the minimum", async () => {
    const { purchase } = await finalize(app, await paidSession(app, "1"));
    expect(purchase.triggers).toEqual({ low: 200_000_000n, critical: 100_000_000n, termination: 50_000_000n });
  });

  it("does not count money that still waits for confirmations", async () => {
    const session = await initiate(app);
    await pay(app, session, "5000");
    await expect(finalize(app, session)).rejects.toMatchObject({ members: { confirmed: "0", observed: "5000" } });
    app.chain.mine(1);
    await app.watch();
    expect((await finalize(app, session)).purchase.id).toBe(session.checkout.purchaseId);
  });

  it("C06: refuses an expired checkout without money, and sells it when the money comes late", async () => {
    const session = await initiate(app);
    app.clock.offsetMs = DAY_MS;
    await expect(finalize(app, session)).rejects.toMatchObject({ code: "checkout_expired" });
    await pay(app, session, "0.4");
    await expect(finalize(app, session)).rejects.toMatchObject({ code: "payment_not_confirmed" });
    await pay(app, session, "0.6");
    const { purchase } = await finalize(app, session);
    expect((await readBalance(app.database, accounts.purchase(purchase.id))).posted).toBe(1_000_000_000n);
    app.clock.offsetMs = 0;
  });

  it("shows the customer key to the same session for 24 hours and not a second longer", async () => {
    const { checkout, sessionId, customerKey, purchaseId } = await sellUnprovisioned(app);
    const age = Date.now() - (await finalize(app, { checkout, sessionId })).purchase.createdAt.getTime();
    app.clock.offsetMs = DAY_MS - age - 5_000;
    expect((await finalize(app, { checkout, sessionId })).customerKey).toBe(customerKey);
    app.clock.offsetMs = DAY_MS;
    expect(await finalize(app, { checkout, sessionId })).toMatchObject({
      purchase: { id: purchaseId },
      customerKey: null,
    });
    app.clock.offsetMs = 0;
  });

  it("keeps the first finalizer's words about the buyer, and the checkout's where there are none", async () => {
    const session = await paidSession(app);
    const buyer = { orgId: "org-1", orgHost: null, userId: "user-1" };
    await finalize(app, session, { officexPurchaseId: "ox-1", buyer });
    const again = { orgId: "org-2", orgHost: "https://evil.example", userId: "user-2" };
    const { purchase } = await finalize(app, session, { officexPurchaseId: "ox-2", buyer: again });
    expect(purchase).toMatchObject({ officexPurchaseId: "ox-1", buyerUserId: "user-1", buyerOrgId: "org-1" });
    expect(purchase.buyerOrgHost).toBeNull();
  });

  it("copies the terms, so that a later price changes nothing that was sold", async () => {
    const { purchase } = await finalize(app, await paidSession(app));
    const before = purchase.terms;
    await app.owner("offers").update({ terms: app.owner.raw("jsonb_set(terms, '{prices,0,dollars}', '\"9\"')") });
    const { rows } = await app.database.raw<{ rows: { terms: unknown }[] }>(
      "SELECT terms FROM purchases WHERE id = ?",
      [purchase.id],
    );
    await applyOffers(app.database, readOfferFile());
    expect(rows).toEqual([{ terms: before }]);
  });
});

describe("awaitProvisioned", () => {
  it("answers as soon as the product is there", async () => {
    const { purchaseId, ...session } = await sellUnprovisioned(app);
    const { purchase } = await finalize(app, session);
    const waiting = awaitProvisioned(app.context, { purchase, waitMs: 10_000 });
    await provision(app, purchaseId);
    expect((await waiting).status).toBe("active");
  });

  it("gives up after the time it was given and says how it stands", async () => {
    const { purchase } = await finalize(app, await paidSession(app));
    const started = performance.now();
    expect((await awaitProvisioned(app.context, { purchase, waitMs: 300 })).status).toBe("provisioning");
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
