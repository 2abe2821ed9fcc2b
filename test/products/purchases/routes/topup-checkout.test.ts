import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { finalize, initiate, OFFER, paidSession, type Session, sell } from "../sales.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.chain.isDown = false;
});
afterAll(() => app.close());

const topUp = (session: Pick<Session, "sessionId">, json: object = {}, path = "/checkout/topup") =>
  app.call(path, { json: { checkout_session_id: session.sessionId, ...json } });

describe("200", () => {
  it("says what was credited, what waits, and the new balance, by the session alone", async () => {
    const sale = await sell(app);
    const since = new Date().toISOString();
    expect((await topUp(sale, { since })).body).toMatchObject({
      success: false,
      status: "nothing_new",
      updatedValue: "5",
      purchase_id: sale.purchaseId,
    });
    app.chain.pay({ to: sale.checkout.depositAddress, units: 2_000_000_000n });
    expect((await topUp(sale, { since })).body).toMatchObject({
      success: false,
      status: "waiting",
      observed: "2000",
      balance: "5",
    });
    app.chain.mine(1);
    expect((await topUp(sale, { since, tracer: "trc_mine" })).body).toMatchObject({
      success: true,
      status: "credited",
      credited: "2000",
      observed: "0",
      updatedValue: "2005",
      balance_nanodollars: "2005000000000",
      tracer: "trc_mine",
      chain_seen: "current",
      deposits: [{ status: "confirmed" }, { status: "confirmed", amount: "2000" }],
    });
  });

  it("B11: fifty calls at once credit one deposit once", async () => {
    const sale = await sell(app);
    app.chain.pay({ to: sale.checkout.depositAddress, units: 3_000_000n });
    app.chain.mine(3);
    const answers = await Promise.all(Array.from({ length: 50 }, () => topUp(sale)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await topUp(sale)).body).toMatchObject({ balance: "8", credited: "8" });
    const { rows } = await app.database.raw<{ rows: { count: string }[] }>(
      "SELECT count(*) FROM journal j JOIN ledger_accounts a ON a.id = j.credit_account WHERE a.name = ?",
      [`purchase/${sale.purchaseId}`],
    );
    expect(rows).toEqual([{ count: "2" }]);
  });

  it("B12: counts what the ledger was credited, whatever a caller says about tokens or amounts", async () => {
    const sale = await sell(app);
    const claims = {
      sweep_tokens: ["0x0000000000000000000000000000000000000bad"],
      note: "please",
      updatedValue: 1e6,
      balance: "999",
    };
    expect((await topUp(sale, claims)).body).toMatchObject({ balance: "5" });
  });

  it("answers before the sale too, and names no purchase that is not there", async () => {
    expect((await topUp(await initiate(app))).body).toMatchObject({ status: "nothing_new", purchase_id: null });
    expect((await topUp(await paidSession(app))).body).toMatchObject({ status: "credited", purchase_id: null });
  });

  it("tells what is known when the chain is away, and says so", async () => {
    const session = await paidSession(app);
    await finalize(app, session);
    app.chain.isDown = true;
    const since = new Date(Date.now() + 60_000).toISOString();
    expect(await topUp(session, { since })).toMatchObject({
      status: 200,
      body: { status: "chain_unreachable", chain_seen: "unknown", balance: "5", success: false },
    });
  });

  it.each(["/v1/checkout/topup", `/offer/${OFFER}/checkout/topup`, `/v1/offer/${OFFER}/checkout/topup`])(
    "is the same at %s",
    async (path) => {
      expect((await topUp(await paidSession(app), {}, path)).status).toBe(200);
    },
  );
});

describe("404 checkout_not_found", () => {
  it("for a session nobody has, and for one of another offer", async () => {
    expect(await topUp({ sessionId: "ses_0123456789abcdef" })).toMatchObject({
      status: 404,
      body: { code: "checkout_not_found" },
    });
    const answer = await topUp(await initiate(app), {}, "/offer/another/checkout/topup");
    expect(answer).toMatchObject({ status: 404, body: { code: "checkout_not_found" } });
  });

  it.each(HOSTILE_TEXTS)("A11: for %s as a session", async (_name, text) => {
    const answer = await topUp({ sessionId: text.padEnd(20, "x") });
    expect([400, 404]).toContain(answer.status);
  });
});

describe("400 invalid_request", () => {
  it.each([
    ["a session that is no text", { checkout_session_id: 5 }],
    ["tokens without end", { sweep_tokens: Array.from({ length: 33 }, () => "0x") }],
    ["a time that is none", { since: "yesterday" }],
    ["a day that does not exist", { since: "2026-02-30" }],
  ])("for %s", async (_name, json) => {
    const answer = await topUp({ sessionId: "ses_0123456789abcdef" }, json);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  });
});
