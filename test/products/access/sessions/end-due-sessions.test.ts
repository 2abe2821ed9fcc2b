import { afterAll, expect, it } from "vitest";
import { endDueSession } from "../../../../src/products/access/sessions/end-due-session.ts";
import { endDueSessions, keepEndingSessions } from "../../../../src/products/access/sessions/end-due-sessions.ts";
import { findSession } from "../../../../src/products/access/sessions/session-store.ts";
import { startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
const { database } = world;
afterAll(() => world.close());

const logger = { warn: () => undefined };

async function endingIn(seconds: number) {
  const { session } = await world.sell();
  await world.endIn(session.id, seconds);
  return session;
}

it("ends all that are due at once, and none before its end", async () => {
  const running = await endingIn(3_600);
  const due = await Promise.all([endingIn(-1), endingIn(-2), endingIn(-3)]);
  expect(await endDueSessions({ database }, { limit: 100 })).toBe(3);
  for (const { id, merchantId } of due) {
    const ended = await findSession(database, id);
    expect(ended).toMatchObject({ status: "expired", eventSeq: 2 });
    expect((await world.events(id)).map(({ type }) => type)).toEqual(["started", "expired"]);
    expect((await world.events(id)).at(-1)?.data).toMatchObject({ sessionId: id, status: "expired" });
    expect(await world.told(merchantId)).toEqual(["session.started", "session.expired"]);
  }
  expect(await findSession(database, running.id)).toMatchObject({ status: "active" });
  expect(await endDueSessions({ database }, { limit: 100 })).toBe(0);
});

it("says in a session and to its merchant the very same as whoever ends one alone", async () => {
  const [alone, together] = [await endingIn(-1), await endingIn(-1)];
  await endDueSession({ database }, { sessionId: alone.id });
  await endDueSessions({ database }, { limit: 100 });
  const ends = await Promise.all([alone, together].map(async ({ id }) => (await world.events(id)).at(-1)?.data ?? {}));
  expect(ends.map((data) => Object.keys(data).sort())[1]).toEqual(Object.keys(ends[0] ?? {}).sort());
  const told: { event_key: string; type: string }[] = await world
    .owner("access_events")
    .whereIn("merchant_id", [alone.merchantId, together.merchantId])
    .where("type", "session.expired");
  expect(told.map(({ event_key }) => event_key).sort()).toEqual(
    [alone, together].map(({ id }) => `session-ended:${id}`).sort(),
  );
});

it("ends each exactly once, however many sweep and look at the same time", async () => {
  const due = await Promise.all(Array.from({ length: 20 }, () => endingIn(-1)));
  const [counts, singles] = await Promise.all([
    Promise.all(Array.from({ length: 4 }, () => endDueSessions({ database }, { limit: 7 }))),
    Promise.all(due.slice(0, 6).map(({ id }) => endDueSession({ database }, { sessionId: id }))),
  ]);
  const rest = await endDueSessions({ database }, { limit: 100 });
  const ended = counts.reduce((sum, count) => sum + count, rest) + singles.filter((each) => each !== null).length;
  expect(ended).toBe(20);
  for (const { id } of due) expect((await world.events(id)).map(({ type }) => type)).toEqual(["started", "expired"]);
});

it("leaves a session that somebody holds to them, and goes on with the others", async () => {
  const [held, free] = [await endingIn(-2), await endingIn(-1)];
  await database.transaction(async (transaction) => {
    await findSession(transaction, held.id, { lock: true });
    expect(await endDueSessions({ database }, { limit: 100 })).toBe(1);
  });
  expect(await findSession(database, free.id)).toMatchObject({ status: "expired" });
  expect(await endDueSessions({ database }, { limit: 100 })).toBe(1);
});

it("keeps a session alive for an extension that is being paid, no longer than its grace", async () => {
  const [paying, failing, late] = [await endingIn(-30), await endingIn(-30), await endingIn(-121)];
  const payment = await world.payExtension(failing.id);
  await world.payExtension(paying.id, "unknown");
  await world.payExtension(late.id, "unknown");
  expect(await endDueSessions({ database }, { limit: 100 })).toBe(1);
  expect(await findSession(database, late.id)).toMatchObject({ status: "expired" });
  await payment.fail();
  expect(await endDueSessions({ database }, { limit: 100 })).toBe(1);
  expect(await findSession(database, failing.id)).toMatchObject({ status: "expired" });
  expect(await findSession(database, paying.id)).toMatchObject({ status: "active" });
});

it("wakes the notice of a merchant that has a webhook", async () => {
  const session = await endingIn(-1);
  await world.owner("merchant_webhooks").insert({ merchant_id: session.merchantId, url_sealed: "x", host: "h" });
  await endDueSessions({ database }, { limit: 100 });
  const event: { id: string } = await world
    .owner("access_events")
    .where({ merchant_id: session.merchantId, type: "session.expired" })
    .first("id");
  expect(await world.wakes()).toContain(`merchant-notice/${event.id}`);
});

it("ends a session at its end by itself, and stops when it is told to", async () => {
  const sweep = keepEndingSessions({ database, logger });
  const session = await endingIn(0.3);
  await expect.poll(async () => (await findSession(database, session.id))?.status).toBe("expired");
  await sweep.stop();
  const later = await endingIn(-1);
  expect(await findSession(database, later.id)).toMatchObject({ status: "active" });
});
