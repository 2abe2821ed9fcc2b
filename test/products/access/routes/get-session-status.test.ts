import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { sessionRows } from "../sessions/session-world.ts";

let app: TestApp;
let world: ReturnType<typeof sessionRows>;
beforeAll(async () => {
  app = await startTestApp({ RATE_LIMITS: "on" });
  world = sessionRows(app);
});
afterAll(() => app?.close());

const status = (token: string) => app.call(`/api/v1/sessions/${token}/status`);

it("shows the time that is left by the database's clock, and is never kept by a cache", async () => {
  const { session, token } = await world.sell({ units: 10 });
  app.clock.offsetMs = 3_600_000;
  const { status: code, body, headers } = await status(token);
  app.clock.offsetMs = 0;
  expect(code).toBe(200);
  expect(headers.get("cache-control")).toBe("no-store");
  expect(body).toMatchObject({
    ...{ sessionId: session.id, assetId: session.assetId, status: "active", isActive: true, isExtended: false },
    ...{ expiresAt: session.expiresAt.toISOString(), units: 10, unit: "minute", paid: "1", isBeingPaid: false },
  });
  expect(Number(body.secondsLeft)).toBeGreaterThan(500);
  expect(Number(body.secondsLeft)).toBeLessThan(600);
  expect(body.minutesLeft).toBe(Math.floor((Number(body.secondsLeft) * 100) / 60) / 100);
});

it("shows no time after the end, also where no workflow ended it, and the asset is free from then", async () => {
  const { session, token } = await world.sell();
  await world.endIn(session.id, -1);
  expect((await status(token)).body).toMatchObject({
    status: "expired",
    secondsLeft: 0,
    minutesLeft: 0,
    isActive: false,
  });
  expect(await world.tryToSell({ assetId: session.assetId })).not.toBe("asset_taken");
});

it("says that a payment keeps a session alive whose time is over", async () => {
  const { session, token } = await world.sell();
  await world.payExtension(session.id);
  await world.endIn(session.id, -1);
  expect((await status(token)).body).toMatchObject({ status: "active", secondsLeft: 0, isBeingPaid: true });
});

it("finds a wrong token, a malformed one and one that was cut alike: not at all, without telling it again", async () => {
  const { token } = await world.sell();
  for (const wrong of [token.slice(0, -1), `${token}x`, "sess_unknown", "%00", "x".repeat(129)]) {
    const { status: code, body } = await status(wrong);
    expect([404, 400]).toContain(code);
    expect(JSON.stringify(body)).not.toContain(token.slice(5, -1));
  }
});

it("may be asked as often as anybody likes", async () => {
  const { token } = await world.sell();
  const answers = await Promise.all(Array.from({ length: 300 }, () => status(token)));
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
});

it("leaves no token in any line of the log, whatever is answered", async () => {
  const { token } = await world.sell();
  await status(token);
  await app.call(`/api/v1/sessions/${token}x/status?token=${token}`);
  await app.call(`/api/v1/sessions/${token}/nothing`);
  await app.call(`/?token=${token}`);
  expect(app.lines.length).toBeGreaterThan(0);
  expect(app.lines.join("\n")).not.toContain(token.slice(5));
});
