import { afterAll, beforeAll, expect, it } from "vitest";
import { redeliverEvent } from "../../../../src/products/access/telling/redeliver-event.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchant, tell, wakeCount } from "./merchant-rows.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

it("wakes nothing where there is no webhook to send it to, and leaves the event as it was", async () => {
  const merchantId = await addMerchant(app.database);
  const eventId = await tell(app.database, { merchantId });
  await expect(redeliverEvent(app, { merchantId, eventId })).rejects.toMatchObject({ code: "webhook_not_set" });
  expect(await wakeCount(app.database, `merchant-notice/${eventId}`)).toBe(0);
});
