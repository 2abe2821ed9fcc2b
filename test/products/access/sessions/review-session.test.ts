import { afterAll, expect, it } from "vitest";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { extendSession } from "../../../../src/products/access/sessions/extend-session.ts";
import { reviewSession } from "../../../../src/products/access/sessions/review-session.ts";
import { findSession, readDatabaseTime } from "../../../../src/products/access/sessions/session-store.ts";
import { startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
const { database } = world;
afterAll(() => world.close());

const review = (sessionId: string) => reviewSession({ database }, { sessionId });
const said = async (sessionId: string) =>
  (await world.events(sessionId)).map(({ type, data }) =>
    type === "expiring" ? `expiring ${String(data.secondsBefore)}` : type,
  );

const reviewedAndSaid = async (sessionId: string) => {
  await review(sessionId);
  return said(sessionId);
};

it("waits for the next reminder of a session that runs, and shows its end", async () => {
  const { session } = await world.sell({ units: 10 });
  const view = await review(session.id);
  expect(view).toMatchObject({ status: "active", next: "wait", deadline: session.expiresAt.toISOString() });
  expect(view.lookAgainAt).toBe(new Date(session.expiresAt.getTime() - 300_000).toISOString());
  expect(view.details).toContain(session.id);
  expect(JSON.parse(JSON.stringify(view))).toEqual(view);
});

it("gives no reminder that was due before its end was set", async () => {
  const { session } = await world.sell();
  for (const seconds of [299, 59, 9]) {
    await world.endIn(session.id, seconds);
    await review(session.id);
  }
  expect(await said(session.id)).toEqual(["started"]);
});

it("gives each reminder once, however often it looks, and again before a later end", async () => {
  const { session } = await world.sell({ units: 1, unitSeconds: 61 });
  await expect.poll(() => reviewedAndSaid(session.id)).toEqual(["started", "expiring 60"]);
  const now = await readDatabaseTime(database);
  const input = { sessionId: session.id, units: 1, unitSeconds: 3, gross: nanodollars(1n), now };
  await database.transaction((transaction) => extendSession(transaction, input));
  await expect
    .poll(() => reviewedAndSaid(session.id))
    .toEqual([...["started", "expiring 60", "extended", "expiring 60"]]);
});

it("ends a session at its end, once, and is done with it", async () => {
  const { session } = await world.sell();
  await world.endIn(session.id, -1);
  expect(await review(session.id)).toMatchObject({ status: "expired", next: "done", lookAgainAt: null });
  expect(await review(session.id)).toMatchObject({ status: "expired", next: "done" });
  expect(await said(session.id)).toEqual(["started", "expired"]);
});

it("keeps looking while an extension is being paid, and ends the session when that fails", async () => {
  const { session } = await world.sell();
  const payment = await world.payExtension(session.id);
  await world.endIn(session.id, -1);
  const view = await review(session.id);
  expect(view).toMatchObject({ status: "grace", next: "wait" });
  expect(view.lookAgainAt).not.toBeNull();
  expect(await findSession(database, session.id)).toMatchObject({ status: "active" });
  await payment.fail();
  expect(await review(session.id)).toMatchObject({ status: "expired", next: "done" });
});

it("is done at once with a session that is not there", async () => {
  expect(await review("acs_none")).toMatchObject({ next: "done", status: "unknown" });
});
