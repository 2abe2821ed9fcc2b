import { afterAll, beforeAll, expect, it } from "vitest";
import { cancelPurchase } from "../../../../src/products/purchases/cancel-purchase.ts";
import { findPurchase } from "../../../../src/products/purchases/purchase-store.ts";
import { extendGrace } from "../../../../src/products/purchases/repairs/extend-grace.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { sell } from "../sales.ts";
import { unsold } from "./facts.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it.each(["soon", "2026-02-30T00:00:00Z", "2026-11-21", 5, null])("takes %j as no time", (until) => {
  expect(() => extendGrace.prepare({ until })).toThrow("until");
});

it("is for a purchase in grace", () => {
  expect(extendGrace.prepare({ until: "2026-11-22T00:00:00+02:00" }).refuse(unsold())).toMatchObject({
    code: "repair_not_allowed",
  });
});

it("calls back no cancellation: the customer would be charged again for what they had ended", async () => {
  const { purchaseId } = await sell(app);
  await cancelPurchase(app.context, { purchaseId, isConfirmed: true });
  const purchase = await findPurchase(app.database, purchaseId);
  const { refuse } = extendGrace.prepare({ until: "2026-11-22T00:00:00Z" });
  expect(refuse(unsold({ purchase }))).toMatchObject({ code: "repair_not_allowed" });
});
