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

const status = (assetId: string) => app.call(`/api/v1/access/${assetId}/status`);

it("says whether an asset is in use and how long still, and nothing of who uses it", async () => {
  const { session, token } = await world.sell();
  const { body } = await status(session.assetId);
  expect(body).toMatchObject({ assetId: session.assetId, active: true, expiresAt: session.expiresAt.toISOString() });
  const text = JSON.stringify(body);
  for (const secret of [token, session.id, session.payer]) expect(text).not.toContain(secret);
});

it("says that nobody uses it, from the instant a session is over", async () => {
  const { assetId } = await world.sellAsset();
  const unused = { active: false, expiresAt: null, secondsLeft: 0, minutesLeft: 0 };
  expect((await status(assetId)).body).toMatchObject(unused);
  const { session } = await world.sell({ assetId });
  await world.endIn(session.id, -1);
  expect((await status(assetId)).body).toMatchObject(unused);
});

it("finds no asset that is not there", async () => {
  expect(await status("ast_none")).toMatchObject({ status: 404, body: { code: "asset_not_found" } });
});
