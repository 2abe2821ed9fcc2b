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

const post = (path: string, key: string, json: object = {}) => app.call(path, { key, json });

it("takes a session on one's own asset away, and nobody else's", async () => {
  const { session } = await world.sell();
  const other = await world.keyOf((await world.sellAsset()).merchantId);
  const own = await world.keyOf(session.merchantId);
  const path = `/api/v1/merchant/sessions/${session.id}/revoke`;
  expect(await post(path, other)).toMatchObject({ status: 404, body: { code: "session_not_found" } });
  expect(await post(path, own)).toMatchObject({
    status: 200,
    body: { status: "success", data: { status: "revoked", returned: "0" } },
  });
  expect(await post(path, own)).toMatchObject({ status: 409, body: { code: "session_ended" } });
  expect(await app.call(path, { method: "POST" })).toMatchObject({ status: 401 });
});

it("lists a merchant's own sessions in pages, with their payers and without their tokens", async () => {
  const { assetId, merchantId } = await world.sellAsset();
  const key = await world.keyOf(merchantId);
  const first = await world.sell({ assetId });
  await world.endIn(first.session.id, -1);
  const second = await world.sell({ assetId });
  await world.sell();
  const page = (query: string) => app.call(`/api/v1/merchant/sessions?${query}`, { key });
  const newest = (await page("limit=1")).body;
  expect(newest).toMatchObject({
    data: [{ sessionId: second.session.id, status: "active", payer: second.session.payer }],
  });
  expect((await page(`limit=1&cursor=${String(newest.nextCursor)}`)).body).toMatchObject({
    data: [{ sessionId: first.session.id, status: "expired" }],
    nextCursor: null,
  });
  expect((await page("status=expired")).body.data).toHaveLength(1);
  expect(JSON.stringify((await page("")).body)).not.toMatch(/sess_/);
});

it("lets an operator see any session with its workflow, and repair it", async () => {
  const { session } = await world.sell();
  const { assetId, merchantId, id } = session;
  const list = await app.call(`/admin/sessions?assetId=${assetId}`, { key: ADMIN_TOKEN });
  expect(list.body).toMatchObject({
    sessions: [{ sessionId: id, merchantId, workflowId: `access-session/${id}` }],
    nextCursor: null,
  });
  const repair = { requestId: randomUUID(), actor: "operations", note: "", action: "extendSession", seconds: 60 };
  const answer = await post(`/admin/sessions/${id}/repairs`, ADMIN_TOKEN, repair);
  expect(answer).toMatchObject({ status: 200, body: { action: "extendSession", subject: `access-session/${id}` } });
  expect(await app.call("/admin/sessions")).toMatchObject({ status: 401 });
});
