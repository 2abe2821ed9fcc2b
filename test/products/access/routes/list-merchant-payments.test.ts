import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { logPayment } from "../../../../src/products/access/payments/payment-log-store.ts";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchantWithKey, addPayment } from "../telling/merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const PAYMENTS = "/api/v1/merchant/payments";
const idsOf = (body: Readonly<Record<string, unknown>>) =>
  (Array.isArray(body.data) ? body.data : []).map(({ id }) => String(id));

async function shop() {
  const { merchantId, key } = await addMerchantWithKey(app.database);
  const pay = (change: Readonly<Record<string, unknown>> = {}) => addPayment(app.database, merchantId, change);
  const list = async (query = "") => (await app.call(`${PAYMENTS}?${query}`, { key })).body;
  const log = (payment: { readonly id: string; readonly quoteId: string; readonly assetId: string }, event: string) =>
    logPayment(app.database, {
      ...{ paymentId: payment.id, quoteId: payment.quoteId, assetId: payment.assetId, merchantId, event },
      ...{ success: false, code: "insufficient_funds", raw: { said: "the facilitator's own words" } },
    });
  return { merchantId, key, pay, list, log };
}

describe("GET /api/v1/merchant/payments", () => {
  it("shows amount, fee and net in dollars and base units, which add up", async () => {
    const { pay, list } = await shop();
    const { id, assetId } = await pay({ amount_units: 100_001, fee_units: 2_000, gross_nanodollars: "100001000" });
    expect((await list()).data).toMatchObject([
      {
        ...{ id, assetId, status: "failed", amount: "0.100001", fee: "0.002", net: "0.098001" },
        ...{ amountUnits: "100001", feeUnits: "2000", netUnits: "98001", transaction: null },
      },
    ]);
  });

  it("filters by status, asset and time, and pages", async () => {
    const { pay, list } = await shop();
    const old = await pay({ created_at: new Date("2026-01-02T12:00:00Z") });
    const doubtful = await pay({ status: "unknown", resolved_at: null });
    expect(idsOf(await list())).toEqual([doubtful.id, old.id]);
    expect(idsOf(await list("status=unknown"))).toEqual([doubtful.id]);
    expect(idsOf(await list(`assetId=${old.assetId}`))).toEqual([old.id]);
    expect(idsOf(await list("from=2026-01-02&to=2026-01-03"))).toEqual([old.id]);
    expect(idsOf(await list("to=2026-01-02T12:00:00Z"))).toEqual([]);
    const first = await list("limit=1");
    expect(idsOf(await list(`limit=1&cursor=${first.nextCursor}`))).toEqual([old.id]);
    for (const wrong of ["status=lost", "from=yesterday", "cursor=%00", "limit=x"])
      expect(await list(wrong)).toMatchObject({ status: 400 });
  });

  it("shows nobody another merchant's payments", async () => {
    const [ours, theirs] = [await shop(), await shop()];
    const payment = await theirs.pay();
    await theirs.log(payment, "verify_refused");
    expect((await ours.list()).data).toEqual([]);
    const read = (path: string, key: string) => app.call(`/api/v1/merchant/${path}`, { key });
    expect((await read(`payments/${payment.id}`, ours.key)).body).toMatchObject({ code: "payment_not_found" });
    expect((await read(`payment-log?paymentId=${payment.id}`, ours.key)).body.data).toEqual([]);
    expect((await app.call(PAYMENTS)).status).toBe(401);
  });
});

describe("the payment log", () => {
  it("is shown to the merchant without the facilitator's own words, and to operators with them", async () => {
    const { key, pay, log } = await shop();
    const payment = await pay();
    await log(payment, "submitted");
    await log(payment, "settle_refused");
    const one = await app.call(`${PAYMENTS}/${payment.id}`, { key });
    expect(one.body.data).toMatchObject({
      id: payment.id,
      log: [{ event: "submitted" }, { event: "settle_refused", code: "insufficient_funds", success: false }],
    });
    const lines = await app.call(`/api/v1/merchant/payment-log?limit=1&paymentId=${payment.id}`, { key });
    expect(lines.body.data).toMatchObject([{ event: "settle_refused" }]);
    expect(lines.body.nextCursor).toMatch(/^[0-9]+$/);
    expect(JSON.stringify([one.body, lines.body])).not.toContain("own words");
    const query = `paymentId=${payment.id}&success=false&event=settle_refused`;
    const all = await app.call(`/admin/access/payment-log?${query}`, { key: ADMIN_TOKEN });
    expect(all.body.lines).toMatchObject([{ facilitatorResponse: { said: "the facilitator's own words" } }]);
    expect((await app.call("/admin/access/payment-log", { key })).status).toBe(403);
  });
});
