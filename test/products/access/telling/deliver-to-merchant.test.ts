import { createServer, type ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listAttempts } from "../../../../src/integrations/notifications/delivery-log-store.ts";
import { openDeliverySlots } from "../../../../src/integrations/notifications/delivery-slots.ts";
import { deliverToMerchant } from "../../../../src/products/access/telling/deliver-to-merchant.ts";
import { findMerchantEvent } from "../../../../src/products/access/telling/merchant-event-store.ts";
import { removeMerchantWebhook, setMerchantWebhook } from "../../../../src/products/access/telling/merchant-webhook.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { addMerchant, tell } from "./merchant-rows.ts";

let app: TestApp;
const closing: (() => void)[] = [];
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(async () => {
  for (const close of closing) close();
  await app.close();
});

async function answering(answer: (response: ServerResponse) => unknown) {
  const seen: { readonly path: string; readonly signatures: number }[] = [];
  const server = createServer((request, response) => {
    const signatures = String(request.headers["webhook-signature"]).split(" ").length;
    seen.push({ path: String(request.url), signatures });
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${address.port}`, seen };
}

async function merchantAt(url: string) {
  const merchantId = await addMerchant(app.database);
  await setMerchantWebhook({ ...app.context, allowPrivateHosts: true }, { merchantId, url });
  return { merchantId, event: () => tell(app.database, { merchantId }) };
}

const deliver = (eventId: string, change: { readonly allowPrivateHosts?: boolean } = {}) =>
  deliverToMerchant({ ...app.context, allowPrivateHosts: true, slots: openDeliverySlots(), ...change }, { eventId });
const linesOf = (eventId: string) => listAttempts(app.database, { eventId, limit: 5 });

describe("deliverToMerchant", () => {
  it("delivers once, whatever is asked afterwards", async () => {
    const { url, seen } = await answering((response) => response.writeHead(200).end());
    const { event } = await merchantAt(`${url}/hook`);
    const id = await event();
    expect([await deliver(id), await deliver(id)]).toEqual(["delivered", "delivered"]);
    expect(seen).toEqual([{ path: "/hook", signatures: 1 }]);
    expect((await findMerchantEvent(app.database, id))?.deliveredAt).toBeInstanceOf(Date);
  });

  it("is to be tried again after a failure, no earlier than the merchant's server asks for", async () => {
    const { url } = await answering((response) => response.writeHead(503, { "retry-after": "600" }).end("hush-body"));
    const { event } = await merchantAt(`${url}/hush-path?token=hush`);
    const id = await event();
    await expect(deliver(id)).rejects.toMatchObject({
      code: "notice_not_taken",
      members: { retry_after_seconds: 600 },
    });
    const [line] = await linesOf(id);
    expect(line).toMatchObject({ channel: "merchant_webhook", outcome: "not_taken", status: 503 });
    expect(JSON.stringify(line)).not.toMatch(/hush|whsec/);
  });

  it("follows no redirect", async () => {
    const target = await answering((response) => response.writeHead(200).end());
    const { url } = await answering((response) => response.writeHead(302, { location: target.url }).end());
    const { event } = await merchantAt(url);
    await expect(deliver(await event())).rejects.toMatchObject({ code: "notice_not_taken" });
    expect(target.seen).toEqual([]);
  });

  it("stops at a 410 for every event, until the address is set again", async () => {
    const { url, seen } = await answering((response) => response.writeHead(410).end());
    const { merchantId, event } = await merchantAt(url);
    const [first, second] = [await event(), await event()];
    expect(await deliver(first)).toContain("wants no more");
    expect(await deliver(second)).toContain("wants no more");
    expect(seen).toHaveLength(1);
    await setMerchantWebhook({ ...app.context, allowPrivateHosts: true }, { merchantId, url });
    await deliver(await event());
    expect(seen).toHaveLength(2);
  });

  it("O01: looks at the address again at every delivery", async () => {
    const { url, seen } = await answering((response) => response.writeHead(200).end());
    const { event } = await merchantAt(url);
    const refused = deliver(await event(), { allowPrivateHosts: false });
    await expect(refused).rejects.toMatchObject({ code: "outbound_address_refused" });
    expect(seen).toEqual([]);
  });

  it("goes where the merchant is told by now, and nowhere once the webhook is removed", async () => {
    const [old, now] = [await answering((response) => response.writeHead(500).end()), await answering((r) => r.end())];
    const { merchantId, event } = await merchantAt(old.url);
    const [first, second] = [await event(), await event()];
    await expect(deliver(first)).rejects.toMatchObject({ code: "notice_not_taken" });
    await setMerchantWebhook({ ...app.context, allowPrivateHosts: true }, { merchantId, url: now.url });
    expect(await deliver(first)).toBe("delivered");
    await removeMerchantWebhook(app.context, { merchantId });
    expect(await deliver(second)).toContain("no webhook");
    expect([old.seen.length, now.seen.length]).toEqual([1, 1]);
  });
});
