import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parseDollars } from "../../../src/money/nanodollars.ts";
import { openSecret } from "../../../src/platform/secrets.ts";
import {
  acceptedMethods,
  initiateCheckout,
  openSession,
  paymentStatus,
  reviewCheckout,
  validateCheckout,
} from "../../../src/products/purchases/checkout.ts";
import { findCheckout } from "../../../src/products/purchases/checkout-store.ts";
import { readOffer } from "../../../src/products/purchases/offer-catalogue.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { checkoutNeeds, finalize, initiate, OFFER, paidSession, pay, type Session, wakes } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.clock.offsetMs = 0;
  app.chain.isDown = false;
});
afterAll(() => app.close());

const DAY_MS = 86_400_000;
const review = ({ checkout }: Session) => reviewCheckout(checkoutNeeds(app), { checkoutId: checkout.id });
const validate = ({ checkout }: Session) => validateCheckout(checkoutNeeds(app), checkout);

describe("initiateCheckout", () => {
  it("gives 40 parallel checkouts 40 addresses, sessions and purchases", async () => {
    const made = await Promise.all(Array.from({ length: 40 }, () => initiate(app)));
    for (const pick of [
      ({ sessionId }: Session) => sessionId,
      ({ checkout }: Session) => checkout.depositAddress,
      ({ checkout }: Session) => checkout.purchaseId,
    ]) {
      expect(new Set(made.map(pick)).size).toBe(40);
    }
  });

  it("keeps the session id as a hash only, and the buyer's organisation key sealed", async () => {
    const { sessionId, checkout } = await initiate(app, { orgApiKey: "officex-secret-1" });
    const { rows } = await app.database.raw<{ rows: { text: string }[] }>("SELECT c::text AS text FROM checkouts c");
    expect(rows.some(({ text }) => text.includes(sessionId) || text.includes("officex-secret-1"))).toBe(false);
    const sealed = checkout.orgApiKeySealed ?? "";
    expect(openSecret(app.context.masterKey, "org-api-key", sealed)).toBe("officex-secret-1");
  });

  it("wakes its workflow in the transaction that makes it", async () => {
    const { checkout } = await initiate(app);
    expect(await wakes(app, `checkout/${checkout.id}`)).toBe(1);
  });

  it("leaves no checkout, account or wake when no address can be had", async () => {
    const count = async () => {
      const { rows } = await app.database.raw<{ rows: unknown[] }>(
        "SELECT (SELECT count(*) FROM checkouts) AS checkouts, (SELECT count(*) FROM balances) AS accounts, (SELECT count(*) FROM wakes) AS wakes",
      );
      return rows;
    };
    const before = await count();
    const cashier = { ...app.context.cashier, allocateAddress: () => Promise.reject(new Error("no key ring")) };
    const nobody = { email: null, orgId: null, userId: null, host: null, orgApiKey: null, tracer: null };
    const input = { offer: { id: OFFER }, chain: null, token: null, ...nobody };
    await expect(initiateCheckout(checkoutNeeds(app, { cashier }), input)).rejects.toThrow("no key ring");
    expect(await count()).toEqual(before);
  });

  it("expires after the server's own time, by the server's clock", async () => {
    app.clock.offsetMs = DAY_MS;
    const { checkout } = await initiate(app);
    expect(Math.abs(checkout.expiresAt.getTime() - (Date.now() + DAY_MS + 3_600_000))).toBeLessThan(60_000);
  });

  it("C09: refuses a chain or token the offer does not take, and names those it does", async () => {
    for (const asked of [{ chain: "solana" }, { token: "USDT" }, { token: "usdc" }, { chain: "local'; --" }]) {
      await expect(initiate(app, asked)).rejects.toMatchObject({
        code: "payment_method_not_accepted",
        members: { accepted: ["USDC on local"] },
      });
    }
  });

  it("finds the offer by its checkout flow, and refuses one that does not exist", async () => {
    const flow = { checkout_flow_id: "001_amazon_storage_crypto_wallet_topup_gift_card_only" };
    expect((await initiate(app, { offer: flow })).checkout.offerId).toBe(OFFER);
    await expect(initiate(app, { offer: { id: "none" } })).rejects.toMatchObject({ code: "offer_not_found" });
  });
});

it("offers only methods whose token the offer takes", async () => {
  const offer = await readOffer(app, { id: OFFER });
  const method = { chain: "x", tokenName: "", tokenAddress: "", decimals: 6, explorerUrl: null };
  const methods = [
    { ...method, token: "USDC" },
    { ...method, token: "USDT" },
    { ...method, token: "DOGE" },
  ];
  expect(acceptedMethods(methods, offer).map(({ token }) => token)).toEqual(["USDC"]);
});

describe("openSession", () => {
  it("opens with exactly the id that was given out", async () => {
    const { sessionId, checkout } = await initiate(app);
    expect(await openSession(app, { sessionId })).toEqual(checkout);
    for (const wrong of [sessionId.slice(0, -1), `${sessionId}a`, checkout.id, "' OR '1'='1' -- 0123456789"]) {
      await expect(openSession(app, { sessionId: wrong })).rejects.toMatchObject({ code: "checkout_not_found" });
    }
  });

  it("opens a checkout of the offer that was named, and of no other", async () => {
    const { sessionId, checkout } = await initiate(app);
    expect(await openSession(app, { sessionId, offerId: checkout.offerId })).toEqual(checkout);
    const other = openSession(app, { sessionId, offerId: "another-offer" });
    await expect(other).rejects.toMatchObject({ code: "checkout_not_found" });
  });
});

describe("validateCheckout", () => {
  it("asks the chain itself, so a deposit counts before the watcher's next pass", async () => {
    const session = await initiate(app);
    app.chain.pay({ to: session.checkout.depositAddress, units: 5_000_000n });
    expect(await validate(session)).toEqual({ status: "received", confirmed: parseDollars("5"), observed: 0n });
  });

  it("tells what is known when the chain is away", async () => {
    const session = await initiate(app);
    await pay(app, session, "0.3");
    app.chain.isDown = true;
    expect(await validate(session)).toMatchObject({ status: "underpaid", confirmed: parseDollars("0.3") });
  });

  it("adds up parts that come one after the other", async () => {
    const session = await initiate(app);
    for (const part of ["0.4", "0.4", "0.2"]) await pay(app, session, part);
    expect(await validate(session)).toMatchObject({ status: "received", confirmed: parseDollars("1") });
  });

  it("credits the same transfer once, however many look at the same moment", async () => {
    const session = await initiate(app);
    app.chain.pay({ to: session.checkout.depositAddress, units: 2_000_000n });
    await Promise.all([...Array.from({ length: 10 }, () => validate(session)), app.watch(), app.watch()]);
    expect(await validate(session)).toMatchObject({ confirmed: parseDollars("2") });
  });

  it("C07: 200 deposits of dust are all counted, to the last unit", async () => {
    const session = await initiate(app);
    for (let count = 0; count < 200; count += 1) app.chain.pay({ to: session.checkout.depositAddress, units: 1n });
    await app.watch();
    expect(await validate(session)).toMatchObject({ status: "underpaid", confirmed: parseDollars("0.0002") });
  });
});

describe("paymentStatus", () => {
  const checkout = { minimum: parseDollars("1"), expiresAt: new Date(1_000) };
  const status = (confirmed: string, observed: string, now: number) =>
    paymentStatus(checkout, { confirmed: parseDollars(confirmed), observed: parseDollars(observed) }, new Date(now));

  it("C06: is received at exactly the minimum, before, at and after expiry", () => {
    expect([0, 1_000, 2_000].map((now) => status("1", "0", now))).toEqual(["received", "received", "received"]);
  });

  it("C06: expires at the moment it says, and only without any money", () => {
    expect([status("0", "0", 999), status("0", "0", 1_000)]).toEqual(["awaiting_deposit", "expired"]);
    expect([status("0.5", "0", 1_000), status("0", "0.000001", 1_000)]).toEqual(["underpaid", "underpaid"]);
  });

  it("is observed once the unconfirmed part would be enough", () => {
    expect([status("0.5", "0.5", 0), status("0.5", "0.499999999", 0)]).toEqual(["observed", "underpaid"]);
  });
});

describe("reviewCheckout", () => {
  it("waits until expiry for money that has not come", async () => {
    const session = await initiate(app);
    expect(await review(session)).toMatchObject({
      status: "awaiting_deposit",
      next: "wait",
      deadline: session.checkout.expiresAt.toISOString(),
    });
  });

  it("writes down that it is paid, and then has no deadline any more", async () => {
    const session = await paidSession(app);
    app.clock.offsetMs = DAY_MS;
    expect(await review(session)).toMatchObject({ status: "paid", next: "wait", deadline: null });
    expect((await findCheckout(app.database, { id: session.checkout.id }))?.status).toBe("paid");
  });

  it("C06: ends when it expired without money, and late money revives it", async () => {
    const session = await initiate(app);
    app.clock.offsetMs = DAY_MS;
    expect(await review(session)).toMatchObject({ status: "expired", next: "done" });
    expect((await findCheckout(app.database, { id: session.checkout.id }))?.status).toBe("expired");
    const before = await wakes(app, `checkout/${session.checkout.id}`);
    await pay(app, session, "2");
    expect(await wakes(app, `checkout/${session.checkout.id}`)).toBeGreaterThan(before);
    expect(await review(session)).toMatchObject({ status: "paid", next: "wait" });
    expect((await finalize(app, session)).purchase.status).toBe("provisioning");
  });

  it("waits without a deadline for the rest of an underpayment that came late", async () => {
    const session = await initiate(app);
    app.clock.offsetMs = DAY_MS;
    await pay(app, session, "0.5");
    expect(await review(session)).toMatchObject({ status: "underpaid", next: "wait", deadline: null });
  });

  it("is done once finalized, and cannot be moved back", async () => {
    const session = await paidSession(app);
    await finalize(app, session);
    const view = await review(session);
    expect(view).toMatchObject({ status: "finalized", next: "done" });
    expect(view.details).toContain(session.checkout.purchaseId);
    expect((await findCheckout(app.database, { id: session.checkout.id }))?.status).toBe("finalized");
  });

  it("is done with a checkout nobody knows", async () => {
    expect(await reviewCheckout(checkoutNeeds(app), { checkoutId: "chk_none" })).toMatchObject({ next: "done" });
  });
});
