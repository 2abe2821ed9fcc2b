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

it("lets an operator see any session with the workflow that follows it", async () => {
  const { session } = await world.sell();
  const { assetId, merchantId, id } = session;
  const list = await app.call(`/admin/sessions?assetId=${assetId}&merchantId=${merchantId}`, { key: ADMIN_TOKEN });
  expect(list.body).toMatchObject({
    sessions: [{ sessionId: id, merchantId, workflowId: `access-session/${id}` }],
    nextCursor: null,
  });
  expect(JSON.stringify(list.body)).not.toMatch(/sess_/);
  expect(await app.call("/admin/sessions")).toMatchObject({ status: 401 });
});
