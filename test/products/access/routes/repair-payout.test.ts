import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { newId } from "../../../../src/platform/ids.ts";
import { type FeesApp, startFeesApp } from "../fees/fees-app.ts";

const NETWORK = "eip155:31337";

let app: FeesApp;
beforeAll(async () => {
  app = await startFeesApp({ SETTLEMENT_WALLET_EVM: "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf" });
});
afterAll(() => app.close());

const admin = (path: string, json?: object) =>
  app.call(path, { key: app.adminToken, ...(json === undefined ? {} : { json }) });
const cancel = (id: string, json: object) => admin(`/admin/payouts/${id}/repairs`, json);
const signed = () => ({ requestId: newId("req"), actor: "ops", note: "asked by the merchant", action: "cancelPayout" });

/** An open payout of 4.90 dollars, of which nothing was ever signed. */
async function open() {
  const { merchantId, sell } = await app.seller("custodial");
  const address = "0x6813Eb9362372EEF6200f3b1dbC3f819671cBA69";
  await app.database("merchant_wallets").insert({ merchant_id: merchantId, network: NETWORK, address });
  await sell({ units: 5_000_000n, at: new Date(), network: NETWORK });
  const json = { requestId: newId("req"), merchantId, skipWalletRest: true };
  const { body } = await admin("/admin/payouts/run", json);
  return { merchantId, payoutId: z.tuple([z.string()]).parse(body.started)[0] };
}

describe("POST /admin/payouts/:id/repairs", () => {
  it("200: calls a payout off, answers the same request the same, and lists it as cancelled", async () => {
    const { payoutId, merchantId } = await open();
    const json = signed();
    const replies = [await cancel(payoutId, json), await cancel(payoutId, json)];
    expect(replies[0]).toEqual({ ...replies[0], status: 200, body: replies[1]?.body });
    expect(replies[0]?.body).toMatchObject({ subject: `payout/${payoutId}`, data: { amount: "4.9" } });
    const listed = await admin(`/admin/payouts?status=cancelled&merchantId=${merchantId}`);
    expect(listed.body.payouts).toMatchObject([{ id: payoutId, status: "cancelled", transaction: null, paidAt: null }]);
  });

  it("409 payout_may_land with its reason where a transaction of it is stored, and changes nothing", async () => {
    const { payoutId } = await open();
    const sent = { id: newId("otx"), key: `payout:${payoutId}:1`, chain: NETWORK, from_address: "0x1", nonce: 1 };
    await app.owner("outgoing_transactions").insert({ ...sent, unsigned: "{}" });
    expect(await cancel(payoutId, signed())).toMatchObject({
      ...{ status: 409, body: { code: "payout_may_land", reason: "transaction_signed" } },
    });
    expect(await app.owner("access_payouts").where({ id: payoutId }).first()).toMatchObject({ status: "open" });
  });

  it("409 payout_not_open the second time, 404 for none, 400 for another action, 403 without the token", async () => {
    const { payoutId } = await open();
    await cancel(payoutId, signed());
    expect(await cancel(payoutId, signed())).toMatchObject({ status: 409, body: { code: "payout_not_open" } });
    expect(await cancel("pout_none", signed())).toMatchObject({ status: 404, body: { code: "payout_not_found" } });
    expect((await cancel(payoutId, { ...signed(), action: "payTwice" })).status).toBe(400);
    const { key } = await app.seller();
    expect((await app.call(`/admin/payouts/${payoutId}/repairs`, { key, json: signed() })).status).toBe(403);
  });
});
