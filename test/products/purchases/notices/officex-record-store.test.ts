import { afterAll, beforeAll, expect, it } from "vitest";
import {
  findOfficexRecord,
  saveOfficexAttempt,
} from "../../../../src/products/purchases/notices/officex-record-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { sell } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("keeps what was accepted last, beside how the last attempt went", async () => {
  const { purchaseId } = await sell(app, "5");
  expect(await findOfficexRecord(app.database, purchaseId)).toBeNull();
  await saveOfficexAttempt(app.database, { purchaseId, outcome: "unavailable", accepted: null });
  expect(await findOfficexRecord(app.database, purchaseId)).toEqual({
    status: null,
    acceptedAt: null,
    lastOutcome: "unavailable",
  });
  await saveOfficexAttempt(app.database, { purchaseId, outcome: "delivered", accepted: "RUNNING" });
  const accepted = await findOfficexRecord(app.database, purchaseId);
  expect(accepted).toMatchObject({ status: "RUNNING", acceptedAt: expect.any(Date), lastOutcome: "delivered" });
  await saveOfficexAttempt(app.database, { purchaseId, outcome: "refused", accepted: null });
  expect(await findOfficexRecord(app.database, purchaseId)).toEqual({ ...accepted, lastOutcome: "refused" });
});
