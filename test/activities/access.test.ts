import { afterAll, beforeAll, expect, it } from "vitest";
import { accessActivities } from "../../activities/access.ts";
import { sessionRows } from "../products/access/sessions/session-world.ts";
import { startTestApp, type TestApp } from "../support/app.ts";

let app: TestApp;
let world: ReturnType<typeof sessionRows>;
beforeAll(async () => {
  app = await startTestApp();
  world = sessionRows(app);
});
afterAll(() => app?.close());

it("looks at a session and repairs one, in plain JSON", async () => {
  const activities = accessActivities(app.context);
  const { session } = await world.sell();
  const view = await activities.reviewSession({ sessionId: session.id });
  expect(view).toMatchObject({ status: "active", next: "wait" });
  const request = { requestId: session.id, actor: "operations", note: "", action: "revokeSession" };
  const answer = await activities.repairSession({ sessionId: session.id, request });
  expect(await activities.reviewSession({ sessionId: session.id })).toMatchObject({ status: "revoked", next: "done" });
  expect(JSON.parse(JSON.stringify([view, answer]))).toEqual([view, answer]);
});
