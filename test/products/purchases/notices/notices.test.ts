import { createServer, type ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { InboxPart } from "../../../../sandbox/parts/webhook-inbox.ts";
import { listAttempts } from "../../../../src/integrations/notifications/delivery-log-store.ts";
import { openDeliverySlots } from "../../../../src/integrations/notifications/delivery-slots.ts";
import { rotateSecret } from "../../../../src/integrations/notifications/webhook-secrets.ts";
import { newWebhookSecret } from "../../../../src/integrations/notifications/webhook-signature.ts";
import { listRefusals } from "../../../../src/integrations/notifications/webhook-store.ts";
import { findEvent, listEvents } from "../../../../src/products/purchases/event-store.ts";
import { deliverEvent, type NoticeListener } from "../../../../src/products/purchases/notices/notices.ts";
import { resendEvent } from "../../../../src/products/purchases/notices/resend-event.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { startTestInbox } from "../../../support/inbox.ts";
import { advance, charge, sell } from "../sales.ts";

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

const servers: { readonly letGo: () => void }[] = [];
afterEach(() => {
  for (const { letGo } of servers.splice(0)) letGo();
});

/** A listener of a test's own; `letGo` cuts everybody off. */
async function answering(answer: (response: ServerResponse) => unknown) {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  const letGo = () => {
    server.closeAllConnections();
    server.close();
  };
  servers.push({ letGo });
  return { url: `http://127.0.0.1:${address.port}`, asked: () => asked, letGo };
}

const deliver = (eventId: string, change: Partial<NoticeListener> | null = {}, slots = openDeliverySlots()) => {
  const listener = { url: inbox.url, secrets: [SECRET], allowPrivateHosts: true };
  const needs = { ...app.context, slots };
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

  it("stops for good at a 410, for every event, until an operator sends one again", async () => {
    const gone = await answering((response) => response.writeHead(410).end());
    const [first, second] = [await lowEvent(), await lowEvent()];
    expect(await deliver(first.id, { url: gone.url })).toContain("wants no more");
    expect(await deliver(second.id, { url: gone.url })).toContain("wants no more");
    expect(gone.asked()).toBe(1);
    const lines = await listAttempts(app.database, { eventId: first.id, limit: 5 });
    expect(lines).toMatchObject([{ outcome: "listener_gone", status: 410, nextTryAt: null }]);
    expect(await listRefusals(app.database)).toMatchObject([{ host: new URL(gone.url).host, liftedAt: null }]);
    await resendEvent(app.context, { eventId: second.id, channel: "webhook", actor: "test" });
    await deliver(second.id, { url: gone.url });
    expect(gone.asked()).toBe(2);
    expect(await deliver(first.id)).toBe("delivered");
  });

  it("is signed by the old and the new secret while they rotate", async () => {
    const event = await lowEvent();
    const { secret } = await rotateSecret(app.context, { configured: [SECRET], overlapSeconds: 3_600 });
    await deliver(event.id);
    const [message] = await received();
    for (const valid of [SECRET, secret])
      expect(new Webhook(valid).verify(message?.body ?? "", message?.headers ?? {})).toMatchObject({
        type: event.type,
      });
  });

  it("keeps host, outcome and time of every attempt, and no path, query, secret or body", async () => {
    const event = await lowEvent();
    const failing = await answering((response) => response.writeHead(503, { "retry-after": "600" }).end("hush-body"));
    await expect(deliver(event.id, { url: `${failing.url}/hush-path?token=hush` })).rejects.toMatchObject({
      members: { retry_after_seconds: 600 },
    });
    const [line] = await listAttempts(app.database, { eventId: event.id, limit: 5 });
    expect(line).toMatchObject({ outcome: "not_taken", status: 503, destination: new URL(failing.url).host });
    expect(JSON.stringify(line)).not.toMatch(/hush|whsec/);
    expect(line?.nextTryAt?.getTime()).toBeGreaterThan(app.context.clock.now() + 500_000);
  });

  it("O03: a listener that hangs holds eight deliveries and no more; another channel and another listener go on", async () => {
    const hanging = await answering(() => undefined);
    const events: Awaited<ReturnType<typeof lowEvent>>[] = [];
    while (events.length < 9) events.push(await lowEvent());
    const last = events.at(-1)?.id ?? "";
    const slots = openDeliverySlots();
    const stuck = events.slice(0, 8).map(({ id }) => deliver(id, { url: hanging.url }, slots).catch((error) => error));
    await expect.poll(() => hanging.asked()).toBe(8);
    await expect(deliver(last, { url: hanging.url }, slots)).rejects.toMatchObject({ code: "destination_busy" });
    expect(await deliver(last, {}, slots)).toBe("delivered");
    hanging.letGo();
    for (const failure of await Promise.all(stuck)) expect(failure).toMatchObject({ code: "notice_not_taken" });
  });
});
