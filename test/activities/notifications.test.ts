import { createServer, type Server } from "node:http";
import { MockActivityEnvironment } from "@temporalio/testing";
import { DefaultLogger } from "@temporalio/worker";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { noticeActivities } from "../../activities/notifications.ts";
import { findEvent, insertEvent } from "../../src/products/purchases/event-store.ts";
import { type Sale, sell } from "../products/purchases/sales.ts";
import { startTestApp, type TestApp } from "../support/app.ts";

let app: TestApp;
let sale: Sale;
let listener: Server;
let url: string;
let status = 200;
let headers: Record<string, string> = {};
let taken: string[] = [];

beforeAll(async () => {
  app = await startTestApp();
  sale = await sell(app);
  listener = createServer((request, response) => {
    taken.push(String(request.headers["webhook-id"]));
    request.resume();
    response.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  url = `http://127.0.0.1:${address.port}/hook`;
});
afterAll(async () => {
  listener?.close();
  await app?.close();
});
beforeEach(() => {
  status = 200;
  headers = {};
  taken = [];
});

async function newEvent(key: string): Promise<string> {
  const id = `evt_${key}`;
  await insertEvent(app.database, {
    ...{ id, purchaseId: sale.purchaseId, type: "purchase.balance_low", key, notify: true },
    data: { balance: "0.5" },
  });
  return id;
}

function deliver(
  eventId: string,
  listens: { readonly allowPrivateHosts: boolean } | null = { allowPrivateHosts: true },
) {
  const secrets = [`whsec_${Buffer.alloc(24, 7).toString("base64")}`];
  const { deliverNotice } = noticeActivities({
    ...app.context,
    mailer: null,
    officexHosts: [],
    listener: listens === null ? null : { url, secrets, ...listens },
  });
  return new MockActivityEnvironment({}, { logger: new DefaultLogger("ERROR") }).run(deliverNotice, { eventId });
}

describe("deliverNotice", () => {
  it("delivers an event under its own id and notes that it did", async () => {
    const id = await newEvent("first");
    expect(await deliver(id)).toBe("delivered");
    expect(taken).toEqual([id]);
    expect((await findEvent(app.database, id))?.deliveredAt).not.toBeNull();
  });

  it("sends nothing a second time once it was taken", async () => {
    const id = await newEvent("second");
    await deliver(id);
    expect(await deliver(id)).toBe("delivered");
    expect(taken).toEqual([id]);
  });

  it("fails, to be tried again, while the listener does not take it", async () => {
    const id = await newEvent("refused");
    status = 503;
    await expect(deliver(id)).rejects.toMatchObject({ code: "notice_not_taken", status: 502 });
    expect((await findEvent(app.database, id))?.deliveredAt).toBeNull();
    status = 204;
    expect(await deliver(id)).toBe("delivered");
  });

  it("passes on when a busy listener wants to be asked again", async () => {
    [status, headers] = [429, { "retry-after": "120" }];
    const refused = deliver(await newEvent("busy"));
    await expect(refused).rejects.toMatchObject({ code: "notice_not_taken", members: { retry_after_seconds: 120 } });
  });

  it("calls no private address unless it is told that it may", async () => {
    const id = await newEvent("private");
    await expect(deliver(id, { allowPrivateHosts: false })).rejects.toMatchObject({ code: "outbound_address_refused" });
    expect(taken).toEqual([]);
  });

  it("says so where nobody listens, and where there is no such event", async () => {
    expect(await deliver(await newEvent("unheard"), null)).toContain("no webhook is configured");
    expect(await deliver("evt_unknown")).toBe("unknown");
    expect(taken).toEqual([]);
  });
});
