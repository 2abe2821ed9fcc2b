import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
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
