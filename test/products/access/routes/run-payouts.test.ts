import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newId } from "../../../../src/platform/ids.ts";
import { type FeesApp, startFeesApp } from "../fees/fees-app.ts";

const NETWORK = "eip155:31337";

let app: FeesApp;
beforeAll(async () => {
  app = await startFeesApp({ SETTLEMENT_WALLET_EVM: "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf" });
});
afterAll(() => app.close());

const run = (json: object, key = app.adminToken) => app.call("/admin/payouts/run", { key, json });
const payoutsOf = (merchantId: string) => app.owner("access_payouts").where("merchant_id", merchantId);

/** It is owed 4.90 dollars, and its wallet was named just now. */
async function owed() {
  const seller = await app.seller("custodial");
  const wallet = {
    merchant_id: seller.merchantId,
    network: NETWORK,
    address: "0x6813Eb9362372EEF6200f3b1dbC3f819671cBA69",
  };
  await app.database("merchant_wallets").insert(wallet);
  await seller.sell({ units: 5_000_000n, at: new Date(), network: NETWORK });
  return seller;
}

describe("POST /admin/payouts/run", () => {
  it("202: starts once what is due, however often the same request is sent", async () => {
    const { merchantId } = await owed();
    const json = { requestId: newId("req"), merchantId, skipWalletRest: true };
    const replies = [await run(json), await run(json), await run({ ...json, requestId: newId("req") })];
    const [payout] = await payoutsOf(merchantId);
    expect(replies).toMatchObject([
      { status: 202, body: { started: [payout.id] } },
      { status: 202, body: { started: [payout.id] } },
      { status: 202, body: { started: [] } },
    ]);
    expect(payout).toMatchObject({ network: NETWORK, amount_units: "4900000", status: "open" });
  });

  it("202: sends nothing to a wallet of today unless the operator says so", async () => {
    const { merchantId } = await owed();
    expect((await run({ requestId: newId("req"), merchantId })).body).toEqual({ started: [] });
    expect(await payoutsOf(merchantId)).toEqual([]);
  });

  it("409 request_id_reused for another question under the same id", async () => {
    const { merchantId } = await owed();
    const requestId = newId("req");
    await run({ requestId, merchantId });
    expect(await run({ requestId, merchantId, skipWalletRest: true })).toMatchObject({
      ...{ status: 409, body: { code: "request_id_reused" } },
    });
    expect(await payoutsOf(merchantId)).toEqual([]);
  });

  it("403 for a merchant, 400 without a request id", async () => {
    const { merchantId, key } = await owed();
    expect((await run({ requestId: newId("req"), merchantId, skipWalletRest: true }, key)).status).toBe(403);
    expect((await run({ merchantId, skipWalletRest: true })).status).toBe(400);
    expect(await payoutsOf(merchantId)).toEqual([]);
  });
});
