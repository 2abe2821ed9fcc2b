import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertPayout } from "../../../../src/products/access/fees/payout-store.ts";
import { type FeesApp, startFeesApp } from "../fees/fees-app.ts";
import { aPayout } from "../fees/payout-rows.ts";

let app: FeesApp;
beforeAll(async () => {
  app = await startFeesApp();
});
afterAll(() => app.close());

const PATH = "/api/v1/merchant/payouts";

describe("GET /api/v1/merchant/payouts", () => {
  it("200: shows a merchant what is on its way to it, and nobody else's", async () => {
    const [one, other] = [await app.seller("custodial"), await app.seller("custodial")];
    const payout = aPayout(one);
    for (const each of [payout, aPayout(other)]) await insertPayout(app.database, each);
    expect(await app.call(PATH, { key: one.key })).toMatchObject({
      status: 200,
      body: {
        status: "success",
        data: { payouts: [{ id: payout.id, destination: "w", amountUnits: "5000000", status: "open" }] },
      },
    });
    expect(await app.call(`${PATH}?status=paid`, { key: one.key })).toMatchObject({ body: { data: { payouts: [] } } });
  });

  it("400 for a cursor of another list, 401 without a key", async () => {
    const { key } = await app.seller();
    expect((await app.call(`${PATH}?cursor=inv_1`, { key })).status).toBe(400);
    expect((await app.call(PATH)).status).toBe(401);
  });
});
