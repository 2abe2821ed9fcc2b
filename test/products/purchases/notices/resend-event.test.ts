import { afterAll, beforeAll, expect, it } from "vitest";
import { insertAttempt, listAttempts } from "../../../../src/integrations/notifications/delivery-log-store.ts";
import { isRefused, noteRefusal } from "../../../../src/integrations/notifications/webhook-store.ts";
import { findEvent, listEvents, markEventDelivered } from "../../../../src/products/purchases/event-store.ts";
import { resendEvent } from "../../../../src/products/purchases/notices/resend-event.ts";
import { attemptOf } from "../../../integrations/notifications/log-world.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { sell, wakes } from "../sales.ts";

let app: TestApp;
let eventId: string;
beforeAll(async () => {
  app = await startTestApp();
  const { purchaseId } = await sell(app, "5");
  eventId = (await listEvents(app.database, purchaseId)).find(({ notify }) => notify)?.id ?? "";
});
afterAll(() => app.close());

const ask = (channel: "webhook" | "officex" | "email", id = eventId) =>
  resendEvent(app.context, { eventId: id, channel, actor: "night shift" });

it("begins a webhook anew, delivered or not, and calls listeners again that wanted no more", async () => {
  await markEventDelivered(app.database, eventId);
  const listener = Buffer.alloc(32, 3);
  await noteRefusal(app.database, listener, "hooks.example");
  const before = await wakes(app, `notice/${eventId}`);
  expect(await ask("webhook")).toBe(true);
  expect((await findEvent(app.database, eventId))?.deliveredAt).toBeNull();
  expect(await isRefused(app.database, listener)).toBe(false);
  expect(await wakes(app, `notice/${eventId}`)).toBe(before + 1);
});

it("begins record and inbox anew together, and the log keeps who asked", async () => {
  await insertAttempt(app.database, attemptOf(eventId, { outcome: "delivered", nextTryAt: null }));
  expect(await ask("officex")).toBe(true);
  const lines = (await listAttempts(app.database, { eventId, limit: 10 })).filter(
    ({ channel }) => channel !== "webhook",
  );
  expect(lines.slice(0, 2)).toMatchObject([
    { channel: "officex_inbox", attempt: 1, outcome: "resend_requested", detail: "Asked for by night shift." },
    { channel: "officex", attempt: 2, outcome: "resend_requested" },
  ]);
  expect(await wakes(app, `officex/${eventId}`)).toBe(1);
});

it("changes nothing for an event that does not exist", async () => {
  expect(await ask("email", "evt_none")).toBe(false);
  expect(await wakes(app, "email/evt_none")).toBe(0);
});
