import { afterAll, beforeAll, expect, it } from "vitest";
import { recordUsage } from "../../../src/products/purchases/record-usage.ts";
import { readUsageResult } from "../../../src/products/purchases/usage-result.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { refill, type Sale, sell } from "./sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const report = (sale: Sale, eventId: string, dollars: string) =>
  recordUsage(app.context, {
    purchaseId: sale.purchaseId,
    reports: [{ event_id: eventId, usage_amount: "1", usage_unit: "GB_MONTH", billed_amount: dollars }],
  });
const read = (sale: Sale, eventId: string) => readUsageResult(app.context, { purchaseId: sale.purchaseId, eventId });

it("answers the amount and the entry of a charge", async () => {
  const sale = await sell(app, "5");
  const [result] = await report(sale, "one", "1.5");
  expect(await read(sale, "one")).toMatchObject({
    event_id: "one",
    outcome: "charged",
    billed_amount: "1.5",
    entry_id: result?.entryId,
    code: null,
  });
});

it("a charge wins over the refusal before it: sent again after a top-up, the event is charged", async () => {
  const sale = await sell(app, "5");
  await report(sale, "late", "7");
  expect(await read(sale, "late")).toMatchObject({
    outcome: "refused",
    code: "insufficient_funds",
    billed_amount: null,
    entry_id: null,
  });
  await refill(app, sale, "5");
  await report(sale, "late", "7");
  expect(await read(sale, "late")).toMatchObject({ outcome: "charged", billed_amount: "7", code: null });
});

it("404 usage_event_not_found: for an event nobody reported, and for one of another purchase", async () => {
  const [sale, other] = [await sell(app), await sell(app)];
  await report(other, "theirs", "1");
  for (const eventId of ["never", "theirs"])
    await expect(read(sale, eventId)).rejects.toMatchObject({ code: "usage_event_not_found" });
});
