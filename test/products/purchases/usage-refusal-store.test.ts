import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  countUsageRefusals,
  findUsageRefusal,
  insertUsageRefusal,
} from "../../../src/products/purchases/usage-refusal-store.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("keeps a refusal once per report and reason, the latest reason first, and never changes one", async () => {
  const report = '{"event_id":"e","zero":"\\u0000"}';
  const refusal = {
    ...{ purchaseId: "pur_x", eventId: "e", code: "unit_not_priced", detail: "first", report },
    reportHash: createHash("sha256").update(report).digest(),
  };
  await insertUsageRefusal(app.database, refusal);
  await insertUsageRefusal(app.database, { ...refusal, detail: "again" });
  const event = { purchaseId: "pur_x", eventId: "e" };
  expect(await findUsageRefusal(app.database, event)).toMatchObject({ code: "unit_not_priced", detail: "first" });
  await insertUsageRefusal(app.database, { ...refusal, code: "purchase_terminated", detail: "later" });
  expect(await findUsageRefusal(app.database, event)).toMatchObject({ code: "purchase_terminated" });
  expect(await findUsageRefusal(app.database, { ...event, eventId: "other" })).toBeNull();
  expect(await countUsageRefusals(app.database)).toEqual(
    expect.arrayContaining([
      { code: "unit_not_priced", count: 1 },
      { code: "purchase_terminated", count: 1 },
    ]),
  );
  await expect(app.database("usage_refusals").delete()).rejects.toThrow("permission denied");
});
