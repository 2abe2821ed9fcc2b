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

it("stops a session and says what came back; the same again answers the state it is in", async () => {
  const { session, token } = await world.sell({ refundsUnused: true });
  await world.paySession(session.id);
  const stop = () => app.call(`/api/v1/sessions/${token}`, { method: "DELETE" });
  const first = await stop();
  expect(first).toMatchObject({ status: 200, body: { status: "stopped", isActive: false, secondsLeft: 0 } });
  expect(first.body.returned).toMatch(/^0\.9\d+$/);
  expect((await stop()).body).toMatchObject({ status: "stopped", returned: "0" });
});

it("needs the token", async () => {
  const answer = await app.call("/api/v1/sessions/sess_unknown", { method: "DELETE" });
  expect(answer).toMatchObject({ status: 404, body: { code: "session_not_found" } });
});
