import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  selectLogLines,
  selectPayment,
  selectPayments,
} from "../../../../src/products/access/telling/payment-record-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { openPaidShop } from "./merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("payments as merchants read them", () => {
  it("hold no payload, no key and no seal", async () => {
    const { merchantId, pay } = await openPaidShop(app);
    const { id } = await pay({ payload_sealed: "v1.sealed", key_hash: Buffer.alloc(32, 9) });
    const payment = await selectPayment(app.database, { merchantId, id });
    expect(payment).toMatchObject({ id, amountUnits: 100_000n, feeUnits: 2_000n, gross: 100_000_000n });
    for (const hidden of ["payloadKey", "payloadSealed", "keyHash"]) expect(payment).not.toHaveProperty(hidden);
    expect(await selectPayment(app.database, { merchantId: "mer_other", id })).toBeNull();
  });

  it("are filtered by all that is asked for together", async () => {
    const { merchantId, pay, log } = await openPaidShop(app);
    const [one, other] = [await pay(), await pay()];
    await log(one, "submitted");
    await log(other, "submitted");
    const { assetId } = one;
    expect(await selectPayments(app.database, { merchantId, assetId, status: "settled", limit: 5 })).toEqual([]);
    expect(await selectPayments(app.database, { merchantId, assetId, status: "failed", limit: 5 })).toHaveLength(1);
    const lines = await selectLogLines(app.database, { merchantId, assetId, event: "submitted", limit: 5 });
    expect(lines.map(({ paymentId }) => paymentId)).toEqual([one.id]);
    expect(await selectLogLines(app.database, { merchantId, assetId, success: true, limit: 5 })).toEqual([]);
  });
});
