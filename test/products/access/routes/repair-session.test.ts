import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ADMIN_TOKEN, startTestApp, type TestApp } from "../../../support/app.ts";
import { sessionRows } from "../sessions/session-world.ts";

let app: TestApp;
let world: ReturnType<typeof sessionRows>;
beforeAll(async () => {
  app = await startTestApp();
  world = sessionRows(app);
});
afterAll(() => app?.close());

it("repairs a session by the operator's token, once per request id", async () => {
  const { session } = await world.sell();
  const json = { requestId: randomUUID(), actor: "operations", note: "", action: "extendSession", seconds: 60 };
  const path = `/admin/sessions/${session.id}/repairs`;
  const answer = await app.call(path, { key: ADMIN_TOKEN, json });
  expect(answer).toMatchObject({ status: 200, body: { subject: `access-session/${session.id}` } });
  expect((await app.call(path, { key: ADMIN_TOKEN, json })).body).toEqual(answer.body);
  expect((await app.call(path, { json })).status).toBe(401);
  expect((await app.call(path, { key: ADMIN_TOKEN, json: { ...json, seconds: "60" } })).status).toBe(400);
});
