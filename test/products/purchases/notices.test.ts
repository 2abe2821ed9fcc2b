import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { InboxPart } from "../../../sandbox/parts/webhook-inbox.ts";
import { openDeliverySlots } from "../../../src/integrations/notifications/delivery-slots.ts";
import { newWebhookSecret } from "../../../src/integrations/notifications/webhook-signature.ts";
import { findEvent, listEvents } from "../../../src/products/purchases/event-store.ts";
import { deliverEvent, type NoticeListener } from "../../../src/products/purchases/notices.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { startTestInbox } from "../../support/inbox.ts";
import { advance, charge, sell } from "./sales.ts";

const Messages = z.object({
  messages: z.array(z.object({ body: z.string(), status: z.number(), headers: z.record(z.string(), z.string()) })),
});
const SECRET = newWebhookSecret();

let app: TestApp;
let inbox: InboxPart;
beforeAll(async () => {
  app = await startTestApp();
  inbox = await startTestInbox();
});
beforeEach(async () => {
  await fetch(inbox.messagesUrl, { method: "DELETE" });
});
afterAll(async () => {
  await inbox.stop();
  await app.close();
});

const received = async () => Messages.parse(await (await fetch(inbox.messagesUrl)).json()).messages;
const deliver = (eventId: string, change: Partial<NoticeListener> | null = {}) => {
  const listener = { url: inbox.url, secrets: [SECRET], allowPrivateHosts: true };
  const needs = { ...app.context, slots: openDeliverySlots() };
  return deliverEvent({ ...needs, listener: change === null ? null : { ...listener, ...change } }, { eventId });
};

async function lowEvent() {
  const sale = await sell(app, "5");
  await charge(app, sale, "4.2");
  await advance(app, sale);
  const event = (await listEvents(app.database, sale.purchaseId)).find(({ type }) => type === "purchase.balance_low");
  if (event === undefined) throw new Error("nothing was crossed");
  return event;
}

describe("deliverEvent", () => {
  it("sends the event signed, under its own id, with money as text", async () => {
    const event = await lowEvent();
    expect(await deliver(event.id)).toBe("delivered");
    const [message] = await received();
    expect(message?.headers["webhook-id"]).toBe(event.id);
    expect(new Webhook(SECRET).verify(message?.body ?? "", message?.headers ?? {})).toEqual({
      type: "purchase.balance_low",
      timestamp: event.occurredAt.toISOString(),
      data: { purchase_id: event.purchaseId, balance: "0.8", trigger: "1", epoch: 1 },
    });
  });

  it("sends nothing again once it was taken", async () => {
    const event = await lowEvent();
    await deliver(event.id);
    expect(await deliver(event.id)).toBe("delivered");
    expect(await received()).toHaveLength(1);
  });

  it("fails where the listener fails, and goes through at the next try under the same id", async () => {
    const event = await lowEvent();
    await fetch(inbox.faultsUrl, { method: "PUT", body: JSON.stringify({ failNext: 1 }) });
    await expect(deliver(event.id)).rejects.toMatchObject({ code: "notice_not_taken" });
    expect((await findEvent(app.database, event.id))?.deliveredAt).toBeNull();
    expect(await deliver(event.id)).toBe("delivered");
    const ids = (await received()).map(({ headers }) => headers["webhook-id"]);
    expect(ids).toEqual([event.id, event.id]);
  });

  it("O01: does not call a private address unless it may, and says nothing of the path", async () => {
    const event = await lowEvent();
    const refused = deliver(event.id, { allowPrivateHosts: false });
    await expect(refused).rejects.toMatchObject({ code: "outbound_address_refused" });
    await expect(refused).rejects.not.toThrow("/webhooks");
    expect(await received()).toEqual([]);
  });

  it("only records where nobody listens", async () => {
    const event = await lowEvent();
    expect(await deliver(event.id, null)).toContain("recorded");
    expect((await findEvent(app.database, event.id))?.deliveredAt).toBeNull();
  });

  it("has nothing to do for an event that does not exist", async () => {
    expect(await deliver("evt_none")).toBe("unknown");
    expect(await received()).toEqual([]);
  });
});
