import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchantWithKey, tell } from "../telling/merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("GET /api/v1/merchant/events", () => {
  it("lists the merchant's own events, newest first, page by page and by type", async () => {
    const { merchantId, key } = await addMerchantWithKey(app.database);
    const other = await addMerchantWithKey(app.database);
    const ids: string[] = [];
    for (const type of ["session.started", "payment.settled", "session.expired"] as const)
      ids.unshift(await tell(app.database, { merchantId, type }));
    await tell(app.database, { merchantId: other.merchantId });
    const list = async (query: string) => (await app.call(`/api/v1/merchant/events?${query}`, { key })).body;
    const first = await list("limit=2");
    expect(first.data).toMatchObject([{ id: ids[0] }, { id: ids[1], data: { amount: "0.1" }, deliveredAt: null }]);
    const rest = await list(`limit=2&cursor=${first.nextCursor}`);
    expect([rest.data, rest.nextCursor]).toMatchObject([[{ id: ids[2] }], null]);
    expect((await list("type=payment.settled")).data).toMatchObject([{ id: ids[1] }]);
    for (const wrong of ["cursor=x", "type=payment.lost", "limit=0", "limit=201"])
      expect(await list(wrong)).toMatchObject({ status: 400 });
  });
});
