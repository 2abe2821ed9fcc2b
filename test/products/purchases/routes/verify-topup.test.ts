import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { type Sale, sell } from "../sales.ts";

let app: TestApp;
let sale: Sale;
beforeAll(async () => {
  app = await startTestApp();
  sale = await sell(app);
});
afterAll(() => app.close());

const verify = (id: string, init: object = {}) =>
  app.call(`/purchase/${id}/verify-topup`, { method: "POST", key: sale.customerKey, ...init });

describe("200", () => {
  it("needs no body, and answers what the session's spelling answers", async () => {
    const { status, body } = await verify(sale.purchaseId);
    expect([status, body.success, body.status, body.balance]).toEqual([200, true, "credited", "5"]);
    const session = await app.call("/checkout/topup", { json: { checkout_session_id: sale.sessionId } });
    const { checkout_session_id: _session, since: _since, message: _message, ...rest } = session.body;
    expect(body).toMatchObject(rest);
  });

  it("B11: a hundred calls and one deposit end in the balance of one deposit", async () => {
    const bought = await sell(app);
    app.chain.pay({ to: bought.checkout.depositAddress, units: 1_500_000n });
    app.chain.mine(3);
    const path = `/v1/purchase/${bought.purchaseId}/verify-topup`;
    const init = { method: "POST", key: bought.customerKey };
    await Promise.all(Array.from({ length: 100 }, () => app.call(path, init)));
    expect((await app.call(path, init)).body).toMatchObject({ balance: "6.5", credited: "6.5" });
  });

  it("answers when the chain is away", async () => {
    app.chain.isDown = true;
    expect(await verify(sale.purchaseId)).toMatchObject({ status: 200, body: { chain_seen: "unknown", balance: "5" } });
    app.chain.isDown = false;
  });
});

describe("404 purchase_not_found", () => {
  it("A09: for another's purchase and for one that does not exist", async () => {
    for (const id of [(await sell(app)).purchaseId, "pur_none"]) {
      expect(await verify(id)).toMatchObject({ status: 404, body: { code: "purchase_not_found" } });
    }
  });
});

describe("400 invalid_request", () => {
  it("for a time that is none", async () => {
    expect(await verify(sale.purchaseId, { json: { since: -1 } })).toMatchObject({ status: 400 });
  });
});

describe("401 unauthorized", () => {
  it("for no key", async () => {
    expect((await verify(sale.purchaseId, { key: "" })).status).toBe(401);
  });
});
