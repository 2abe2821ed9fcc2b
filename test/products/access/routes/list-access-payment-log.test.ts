import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";
import { openPaidShop } from "../telling/merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("GET /admin/access/payment-log", () => {
  it("lists every merchant's lines with what the facilitator said, by each filter", async () => {
    const [one, other] = [await openPaidShop(app), await openPaidShop(app)];
    const payment = await one.pay();
    await one.log(payment, "submitted");
    await one.log(payment, "settle_refused");
    await other.log(await other.pay(), "submitted");
    const list = async (query: string) =>
      (await app.call(`/admin/access/payment-log?${query}`, { key: ADMIN_TOKEN })).body;
    expect(await list("limit=3")).toMatchObject({ lines: { length: 3 }, nextCursor: null });
    const own = await list(
      `merchantId=${one.merchantId}&event=settle_refused&success=false&assetId=${payment.assetId}`,
    );
    expect(own.lines).toMatchObject([{ facilitatorResponse: { said: "the facilitator's own words" } }]);
    expect(await list(`merchantId=${other.merchantId}&event=settle_refused`)).toMatchObject({ lines: [] });
  });

  it("is the operator's alone", async () => {
    const { key } = await openPaidShop(app);
    expect((await app.call("/admin/access/payment-log", { key })).status).toBe(403);
    expect((await app.call("/admin/access/payment-log")).status).toBe(401);
  });
});
