import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertPayout, markPayoutPaid } from "../../../../src/products/access/fees/payout-store.ts";
import { type FeesApp, startFeesApp } from "../fees/fees-app.ts";
import { aPayout } from "../fees/payout-rows.ts";

let app: FeesApp;
beforeAll(async () => {
  app = await startFeesApp();
});
afterAll(() => app.close());

const list = (query: string, key = app.adminToken) => app.call(`/admin/payouts?${query}`, { key });

describe("GET /admin/payouts", () => {
  it("200: lists every merchant's, newest first, and those that stand still", async () => {
    const [one, other] = [aPayout(await app.seller("custodial")), aPayout(await app.seller("custodial"))];
    for (const payout of [one, other]) await insertPayout(app.database, payout);
    await markPayoutPaid(app.database, { id: one.id, transactionHash: "0xab", at: new Date() });
    expect(await list("limit=1")).toMatchObject({
      status: 200,
      body: { payouts: [{ id: other.id, status: "open", transaction: null }], nextCursor: other.id },
    });
    expect(await list(`cursor=${other.id}`)).toMatchObject({
      body: { payouts: [{ id: one.id, status: "paid", transaction: "0xab", amount: "5" }], nextCursor: null },
    });
    expect(await list("status=open")).toMatchObject({ body: { payouts: [{ id: other.id }] } });
    expect(await list(`merchantId=${one.merchantId}`)).toMatchObject({ body: { payouts: [{ id: one.id }] } });
  });

  it("is the operator's alone", async () => {
    const { key } = await app.seller();
    expect([(await list("", key)).status, (await app.call("/admin/payouts")).status]).toEqual([403, 401]);
  });
});
