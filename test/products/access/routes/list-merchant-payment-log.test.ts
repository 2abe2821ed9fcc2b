import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { openPaidShop } from "../telling/merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("GET /api/v1/merchant/payment-log", () => {
  it("lists the merchant's own lines, newest first, page by page, without the facilitator's own words", async () => {
    const [ours, theirs] = [await openPaidShop(app), await openPaidShop(app)];
    const payment = await ours.pay();
    await ours.log(payment, "submitted");
    await theirs.log(await theirs.pay(), "submitted");
    await ours.log(payment, "settle_refused");
    const first = await ours.read("payment-log?limit=1");
    expect(first.data).toMatchObject([{ event: "settle_refused", paymentId: payment.id }]);
    const rest = await ours.read(`payment-log?limit=1&cursor=${first.nextCursor}`);
    expect(rest).toMatchObject({ data: [{ event: "submitted" }], nextCursor: null });
    expect(JSON.stringify([first, rest])).not.toContain("own words");
    expect((await theirs.read(`payment-log?paymentId=${payment.id}`)).data).toEqual([]);
    expect((await ours.read("payment-log?success=true")).data).toEqual([]);
    expect(await ours.read("payment-log?success=maybe")).toMatchObject({ status: 400 });
  });
});
