import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPayment, readPaymentLog, readPayments } from "../../../../src/products/access/telling/read-payments.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { openPaidShop } from "./merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("reading payments", () => {
  it("goes through every payment once, page by page, newest first", async () => {
    const { merchantId, pay } = await openPaidShop(app);
    const made: string[] = [];
    for (let count = 0; count < 5; count += 1) made.unshift((await pay()).id);
    const read: string[] = [];
    for (let before: string | undefined; read.length < 10; ) {
      const { items, nextCursor } = await readPayments(app, { merchantId, before, limit: 2 });
      read.push(...items.map(({ id }) => id));
      if (nextCursor === null) break;
      before = nextCursor;
    }
    expect(read).toEqual(made);
  });

  it("reads a payment's log from its first line, and nothing of a payment that is not the merchant's", async () => {
    const [ours, theirs] = [await openPaidShop(app), await openPaidShop(app)];
    const payment = await ours.pay();
    for (const event of ["submitted", "unknown", "settled"]) await ours.log(payment, event);
    const { lines } = await readPayment(app, { merchantId: ours.merchantId, id: payment.id });
    expect(lines.map(({ event }) => event)).toEqual(["submitted", "unknown", "settled"]);
    const foreign = { merchantId: theirs.merchantId, id: payment.id };
    await expect(readPayment(app, foreign)).rejects.toMatchObject({ code: "payment_not_found" });
    const page = await readPaymentLog(app, { merchantId: ours.merchantId, limit: 2 });
    expect(page.items.map(({ event }) => event)).toEqual(["settled", "unknown"]);
    expect(page.nextCursor).toBe(page.items.at(-1)?.number);
  });
});
