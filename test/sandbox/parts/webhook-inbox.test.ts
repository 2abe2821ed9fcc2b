import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { freePort } from "../../../sandbox/parts/ports.ts";
import { type InboxPart, startWebhookInbox } from "../../../sandbox/parts/webhook-inbox.ts";
import { startTestInbox } from "../../support/inbox.ts";

const folder = mkdtempSync(join(tmpdir(), "tollkeeper-inbox-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const post = (inbox: InboxPart, body: string) =>
  fetch(inbox.url, { method: "POST", body, headers: { "webhook-id": "msg_1" } });
const list = async (inbox: InboxPart, query = ""): Promise<unknown> =>
  (await fetch(`${inbox.messagesUrl}${query}`)).json();

it("keeps every request with its headers and body, over a restart, and lists those after an id", async () => {
  const file = join(folder, "messages.jsonl");
  const first = await startWebhookInbox({ port: await freePort(), file });
  await post(first, '{"n":1}');
  await post(first, '{"n":2}');
  await first.stop();
  const second = await startWebhookInbox({ port: await freePort(), file });
  const message = { method: "POST", path: "/webhooks", status: 200, headers: { "webhook-id": "msg_1" } };
  expect(await list(second)).toMatchObject({
    messages: [
      { ...message, id: 1, body: '{"n":1}' },
      { id: 2, body: '{"n":2}' },
    ],
  });
  expect(await list(second, "?since=1")).toMatchObject({ messages: [{ id: 2 }] });
  await fetch(second.messagesUrl, { method: "DELETE" });
  expect(await list(second)).toEqual({ messages: [] });
  await second.stop();
});

it("fails as often and waits as long as it is told, and stores what it refused", async () => {
  const inbox = await startTestInbox();
  await fetch(inbox.faultsUrl, { method: "PUT", body: '{"failNext": 2, "delayMs": 200}' });
  const started = Date.now();
  const statuses: number[] = [];
  for (const body of ["a", "b", "c"]) statuses.push((await post(inbox, body)).status);
  expect(statuses).toEqual([500, 500, 200]);
  expect(Date.now() - started).toBeGreaterThanOrEqual(590);
  expect(await list(inbox)).toMatchObject({ messages: [{ status: 500 }, { status: 500 }, { status: 200 }] });
  expect((await fetch(inbox.faultsUrl, { method: "PUT", body: '{"failNext": -1}' })).status).toBe(400);
  await inbox.stop();
});
