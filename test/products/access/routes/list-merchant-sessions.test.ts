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
