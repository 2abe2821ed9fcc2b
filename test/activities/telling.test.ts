import { createServer, type Server } from "node:http";
import { MockActivityEnvironment } from "@temporalio/testing";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tellingActivities } from "../../activities/telling.ts";
import { announceToMerchant } from "../../src/products/access/telling/announce-to-merchant.ts";
import { setMerchantWebhook } from "../../src/products/access/telling/merchant-webhook.ts";
import { addMerchant } from "../products/access/telling/merchant-rows.ts";
import { startTestApp, type TestApp } from "../support/app.ts";

let app: TestApp;
let server: Server;
let url: string;
const taken: { readonly headers: Record<string, string>; readonly body: string }[] = [];

beforeAll(async () => {
  app = await startTestApp();
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      taken.push({ headers, body });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  url = `http://127.0.0.1:${address.port}/hook`;
});
afterAll(async () => {
  server?.close();
  await app?.close();
});

const deliver = (eventId: string, allowPrivateHosts: boolean) => {
  const { deliverMerchantNotice } = tellingActivities({ ...app.context, merchantWebhooks: { allowPrivateHosts } });
  return new MockActivityEnvironment().run(deliverMerchantNotice, { eventId });
};

describe("deliverMerchantNotice", () => {
  it("calls the merchant's server with what its secret verifies, and a private address only where it may", async () => {
    const merchantId = await addMerchant(app.database);
    const { secret } = await setMerchantWebhook({ ...app.context, allowPrivateHosts: true }, { merchantId, url });
    const news = { merchantId, type: "payment.settled", key: "settled:pay_1", data: { amount: "0.1" } } as const;
    const eventId = await app.database.transaction((transaction) => announceToMerchant(transaction, news));
    await expect(deliver(eventId ?? "", false)).rejects.toMatchObject({ code: "outbound_address_refused" });
    expect(taken).toEqual([]);
    expect(await deliver(eventId ?? "", true)).toBe("delivered");
    const [message] = taken;
    expect(message?.headers["webhook-id"]).toBe(eventId);
    const read = new Webhook(secret ?? "").verify(message?.body ?? "", message?.headers ?? {});
    expect(read).toMatchObject({ type: "payment.settled", data: { merchantId, amount: "0.1" } });
    expect(await deliver("evt_none", true)).toBe("unknown");
  });
});
