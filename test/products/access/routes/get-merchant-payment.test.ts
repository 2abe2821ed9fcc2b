import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { openPaidShop } from "../telling/merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("GET /api/v1/merchant/payments/:id", () => {
  it("shows a payment with its log, oldest line first, without the facilitator's own words", async () => {
    const { pay, log, read } = await openPaidShop(app);
    const payment = await pay();
    await log(payment, "submitted");
    await log(payment, "settle_refused");
    const body = await read(`payments/${payment.id}`);
    expect(body.data).toMatchObject({
      id: payment.id,
      log: [{ event: "submitted" }, { event: "settle_refused", code: "insufficient_funds", success: false }],
    });
    expect(JSON.stringify(body)).not.toContain("own words");
  });

  it("knows nobody else's payment", async () => {
    const [ours, theirs] = [await openPaidShop(app), await openPaidShop(app)];
    const payment = await theirs.pay();
    for (const id of [payment.id, "apy_none", "%27"])
      expect(await ours.read(`payments/${id}`)).toMatchObject({ status: 404, code: "payment_not_found" });
  });
});
