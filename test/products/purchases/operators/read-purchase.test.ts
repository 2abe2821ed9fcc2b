import { afterAll, beforeAll, expect, it } from "vitest";
import { readPurchaseRecord, readTimeline } from "../../../../src/products/purchases/operators/read-purchase.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { sell } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("reads one purchase and nothing of another", async () => {
  const [one, other] = [await sell(app), await sell(app)];
  const text = JSON.stringify([
    await readPurchaseRecord(app.context, one),
    await readTimeline(app.context, { purchaseId: one.purchaseId, limit: 100 }),
  ]);
  expect(text).toContain(one.checkout.id);
  expect(text).not.toContain(other.purchaseId);
  expect(text).not.toContain(other.checkout.id);
});
