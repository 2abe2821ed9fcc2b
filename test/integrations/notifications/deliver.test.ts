import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, it } from "vitest";
import { deliver } from "../../../src/integrations/notifications/deliver.ts";
import { newWebhookSecret } from "../../../src/integrations/notifications/webhook-signature.ts";

type Received = { readonly headers: IncomingHttpHeaders; readonly body: string };

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A receiver on loopback that keeps what it got. */
async function receiver(answer: (response: ServerResponse) => unknown) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: string[] = [];
    request.setEncoding("utf8").on("data", (chunk: string) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, body: chunks.join("") });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  const host = `127.0.0.1:${address.port}`;
  return { received, url: `http://${host}/inbox`, needs: { allowPrivateHosts: [host], clock: { now: Date.now } } };
}

const notice = {
  type: "purchase.balance_low",
  timestamp: "2026-11-20T12:00:00.000Z",
  data: { purchase_id: "pur_1", balance: "9.999999999", thresholds: ["low"], notified: 1 },
};
const delivery = (url: string, secrets: readonly string[] = [newWebhookSecret()]) => ({
  id: "evt_1",
  url,
  secrets,
  notice,
});

describe("deliver", () => {
  it("reaches the receiver as a webhook its own library accepts", async () => {
    const inbox = await receiver((response) => response.writeHead(204).end());
    const secrets = [newWebhookSecret(), newWebhookSecret()];
    expect(await deliver(inbox.needs, delivery(inbox.url, secrets))).toEqual({ delivered: true, status: 204 });
    const [got] = inbox.received;
    const headers = {
      "webhook-id": String(got?.headers["webhook-id"]),
      "webhook-timestamp": String(got?.headers["webhook-timestamp"]),
      "webhook-signature": String(got?.headers["webhook-signature"]),
    };
    for (const secret of secrets) expect(new Webhook(secret).verify(got?.body ?? "", headers)).toEqual(notice);
    expect(got?.headers["content-type"]).toBe("application/json");
  });

  it("keeps the id and signs the time anew in every attempt", async () => {
    const inbox = await receiver((response) => response.writeHead(500).end());
    for (const now of [1_700_000_000_000, 1_700_000_060_000]) {
      await deliver({ ...inbox.needs, clock: { now: () => now } }, delivery(inbox.url));
    }
    expect(inbox.received.map(({ headers }) => headers["webhook-id"])).toEqual(["evt_1", "evt_1"]);
    const times = inbox.received.map(({ headers }) => headers["webhook-timestamp"]);
    expect(times).toEqual(["1700000000", "1700000060"]);
  });

  it.each([
    [500, undefined, undefined],
    [302, undefined, undefined],
    [410, undefined, undefined],
    [429, "120", 120],
    [503, "soon", undefined],
    [503, "999999999", 86_400],
    [503, "Tue, 14 Nov 2023 22:13:50 GMT", 30],
    [503, "Tue, 14 Nov 2023 00:00:00 GMT", 0],
  ])("says what the receiver said: %i, retry after %s", async (status, wish, retryAfterSeconds) => {
    const inbox = await receiver((response) =>
      response.writeHead(status, wish === undefined ? {} : { "retry-after": wish }).end("no"),
    );
    const needs = { ...inbox.needs, clock: { now: () => 1_700_000_000_000 } };
    const outcome = await deliver(needs, delivery(inbox.url));
    const wished = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
    expect(outcome).toEqual({ delivered: false, status, ...wished });
  });

  it("counts a notice as delivered though the rest of the answer never comes", async () => {
    const inbox = await receiver((response) => response.writeHead(200).write("thinking"));
    expect(await deliver(inbox.needs, delivery(inbox.url))).toEqual({ delivered: true, status: 200 });
  });

  it("422 outbound_address_refused: sends nothing to a private address", async () => {
    const inbox = await receiver((response) => response.end());
    const failure = { code: "outbound_address_refused", status: 422 };
    await expect(deliver({ clock: inbox.needs.clock }, delivery(inbox.url))).rejects.toMatchObject(failure);
    expect(inbox.received).toHaveLength(0);
  });

  it("503 outbound_unreachable: a dead receiver is tried again, and no secret shows", async () => {
    const dead = { allowPrivateHosts: ["127.0.0.1:9"], clock: { now: Date.now } };
    const secret = newWebhookSecret();
    const attempt = deliver(dead, delivery("http://127.0.0.1:9/hush", [secret]));
    const failure: unknown = await attempt.catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "outbound_unreachable", status: 503 });
    expect(String(failure)).not.toMatch(/whsec|hush/);
  });

  it("sends no fraction as a number: money is a decimal string", async () => {
    const inbox = await receiver((response) => response.end());
    const careless = { ...notice, data: { balance: 9.99 } };
    await expect(deliver(inbox.needs, { ...delivery(inbox.url), notice: careless })).rejects.toThrow();
    expect(inbox.received).toHaveLength(0);
  });
});
