import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { exhaust, initiate, OFFER, paidSession, pay, provision, type Session, sell } from "../sales.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.clock.offsetMs = 0;
});
afterAll(() => app.close());

const Receipt = z.object({ receipt: z.object({ purchase_id: z.string(), customer_billing_api_key: z.string() }) });

function finalize(session: Pick<Session, "sessionId">, more: object = {}, path = "/checkout/finalize") {
  return app.call(path, { json: { checkout_session_id: session.sessionId, ...more } });
}

/** Finalizes while a worker's part is played: the purchase is provisioned as soon as it is there. */
async function sold(session: Session, more: object = {}, callers = 1) {
  const call = { isOver: false };
  const worker = async () => {
    const isThere = async () => (await app.database("purchases").where("id", session.checkout.purchaseId)).length === 1;
    while (!call.isOver && !(await isThere())) await sleep(20);
    if (!call.isOver) await provision(app, session.checkout.purchaseId);
  };
  const answers = Promise.all(Array.from({ length: callers }, () => finalize(session, more)));
  const [answered] = await Promise.all([answers.finally(() => Object.assign(call, { isOver: true })), worker()]);
  return answered;
}

describe("200", () => {
  it("answers with the receipt as soon as the product is there", async () => {
    const session = await paidSession(app);
    const [answer] = await sold(session, { tracer: "t-1", officex_purchase_id: "ox-1" });
    const { purchaseId } = session.checkout;
    expect(answer?.status).toBe(200);
    expect(answer?.body).toMatchObject({
      success: true,
      status: "active",
      tracer: "t-1",
      receipt: {
        purchase_id: purchaseId,
        officex_purchase_id: "ox-1",
        customer_billing_api_key: expect.stringMatching(/^cbk_[A-Za-z0-9_-]{43}$/),
        offer_id: OFFER,
        billing_url: `https://shop.example/purchase/${purchaseId}`,
        credentials_url: `https://shop.example/purchase/${purchaseId}/credentials`,
      },
    });
  });

  it("C21: 50 parallel calls over HTTP get one purchase and one key, which works at once", async () => {
    const session = await paidSession(app);
    const answers = await sold(session, {}, 50);
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    const receipts = answers.map(({ body }) => Receipt.parse(body).receipt);
    expect(new Set(receipts.map((receipt) => JSON.stringify(receipt))).size).toBe(1);
    const key = receipts[0]?.customer_billing_api_key ?? "";
    expect((await app.call(`/purchase/${session.checkout.purchaseId}`, { key })).status).toBe(200);
  });

  it("shows the key again within a day of the sale, and afterwards says that it will not", async () => {
    const { sessionId, customerKey } = await sell(app);
    app.clock.offsetMs = 86_300_000;
    expect((await finalize({ sessionId })).body).toMatchObject({ receipt: { customer_billing_api_key: customerKey } });
    app.clock.offsetMs = 86_400_000;
    const { body } = await finalize({ sessionId });
    expect(body).toMatchObject({ receipt: { customer_billing_api_key: null } });
    expect(body.message).toContain("not shown again");
  });

  it("still answers the receipt of a purchase that ended", async () => {
    const sale = await sell(app);
    await exhaust(app, sale, "4.96");
    expect(await finalize(sale)).toMatchObject({ status: 200, body: { status: "terminating" } });
  });

  it("A10: members that are not the caller's to set change nothing", async () => {
    const session = await paidSession(app, "1");
    const forged = { purchase_id: "pur_mine", balance: "1000", status: "terminated", offer_id: "x", receipt: { a: 1 } };
    const [answer] = await sold(session, forged);
    expect(answer?.body).toMatchObject({ status: "active", receipt: { purchase_id: session.checkout.purchaseId } });
    const { customer_billing_api_key: key } = Receipt.parse(answer?.body).receipt;
    const view = await app.call(`/purchase/${session.checkout.purchaseId}`, { key });
    expect(view.body).toMatchObject({ purchase: { balance: "1" } });
  });

  it.each(["/v1/checkout/finalize", `/offer/${OFFER}/checkout/finalize`, `/v1/offer/${OFFER}/checkout/finalize`])(
    "answers at %s too",
    async (path) => {
      expect((await finalize(await sell(app), {}, path)).status).toBe(200);
    },
  );

  it("C20: neither the session nor the key is in the log", async () => {
    const sale = await sell(app);
    await finalize(sale);
    await finalize(sale, { tracer: 7 });
    const log = app.lines.join("");
    expect([log.includes(sale.sessionId), log.includes(sale.customerKey)]).toEqual([false, false]);
  });
});

describe("202", () => {
  it("says where to look when provisioning takes longer than five seconds", async () => {
    const session = await paidSession(app);
    const started = performance.now();
    const { status, headers, body } = await finalize(session);
    expect([status, headers.get("retry-after")]).toEqual([202, "2"]);
    expect(body).toMatchObject({ success: true, status: "provisioning", receipt: { status: "provisioning" } });
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe("402 payment_not_confirmed", () => {
  it("sells nothing below the minimum, and says what has come", async () => {
    const session = await initiate(app);
    await pay(app, session, "0.5");
    expect(await finalize(session)).toMatchObject({
      status: 402,
      body: { code: "payment_not_confirmed", success: false, confirmed: "0.5", observed: "0", minimum: "1" },
    });
    expect(await app.database("purchases").where("id", session.checkout.purchaseId)).toEqual([]);
  });
});

describe("410 checkout_expired", () => {
  it("C06: only while no money has come", async () => {
    const session = await initiate(app);
    app.clock.offsetMs = 86_400_000 * 2;
    expect(await finalize(session)).toMatchObject({ status: 410, body: { code: "checkout_expired" } });
    await pay(app, session, "1");
    expect((await sold(session))[0]?.status).toBe(200);
  });
});

describe("404 checkout_not_found", () => {
  it("A09: for a wrong session and for ids that are not secret", async () => {
    const { checkout, purchaseId, customerKey } = await sell(app);
    for (const guess of [`ses_${"x".repeat(43)}`, checkout.id, purchaseId, customerKey]) {
      expect(await finalize({ sessionId: guess })).toMatchObject({ status: 404, body: { code: "checkout_not_found" } });
    }
  });

  it("for a paid session under another offer's path, which changes nothing", async () => {
    const session = await paidSession(app);
    const answer = await finalize(session, {}, "/offer/another-offer/checkout/finalize");
    expect(answer).toMatchObject({ status: 404, body: { code: "checkout_not_found" } });
    expect(await app.database("purchases").where("id", session.checkout.purchaseId)).toEqual([]);
  });
});

describe("400 invalid_request", () => {
  it.each(HOSTILE_TEXTS)(
    "A11: %s in any text is refused or kept as it is, never run and never a 500",
    async (_name, text) => {
      for (const more of [
        { officex_purchase_id: text },
        { proxy_buyer_data: { org_id: text, org_host: text, user_id: text } },
        { note: text, tracer: text, checkout_flow_id: text },
      ]) {
        const [answer] = await sold(await paidSession(app, "1"), more);
        expect([200, 400]).toContain(answer?.status);
      }
    },
  );

  it("A10: __proto__ is refused as malformed", async () => {
    const { sessionId } = await sell(app);
    const raw = `{"checkout_session_id":"${sessionId}","proxy_buyer_data":{"__proto__":{"org_id":"x"}}}`;
    expect(await app.call("/checkout/finalize", { raw })).toMatchObject({
      status: 400,
      body: { code: "malformed_json" },
    });
  });
});
