import { afterAll, expect, it } from "vitest";
import { endDueSession, endOverdueSession } from "../../../../src/products/access/sessions/end-due-session.ts";
import { findActiveSession, findSession } from "../../../../src/products/access/sessions/session-store.ts";
import { startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
const { database } = world;
afterAll(() => world.close());

it("leaves a session alone until its end by the database's clock", async () => {
  const { session } = await world.sell();
  await world.endIn(session.id, 30);
  expect(await endDueSession({ database }, { sessionId: session.id })).toBeNull();
  expect(await endDueSession({ database }, { sessionId: "acs_unknown" })).toBeNull();
});

it("ends a session exactly once, however many ask at the same time", async () => {
  const { session } = await world.sell();
  await world.endIn(session.id, -1);
  const ends = await Promise.all(
    Array.from({ length: 10 }, () => endDueSession({ database }, { sessionId: session.id })),
  );
  expect(ends.filter((end) => end !== null)).toHaveLength(1);
  expect((await world.events(session.id)).map(({ type }) => type)).toEqual(["started", "expired"]);
  expect(await world.told(session.merchantId)).toEqual(["session.started", "session.expired"]);
});

it("keeps a session alive past its end while an extension is being paid, until that fails", async () => {
  const { session } = await world.sell();
  const payment = await world.payExtension(session.id, "unknown");
  await world.endIn(session.id, -30);
  expect(await endDueSession({ database }, { sessionId: session.id })).toBeNull();
  await payment.fail();
  expect(await endDueSession({ database }, { sessionId: session.id })).toMatchObject({ status: "expired" });
});

it("waits no longer than the grace for a payment that does not come", async () => {
  const { session } = await world.sell();
  await world.payExtension(session.id, "unknown");
  await world.endIn(session.id, -121);
  expect(await endDueSession({ database }, { sessionId: session.id })).toMatchObject({ status: "expired" });
});

it("frees an asset for whoever asks, without a workflow", async () => {
  const { session } = await world.sell();
  const { assetId } = session;
  expect(await endOverdueSession({ database }, { assetId })).toBeNull();
  await world.endIn(session.id, -1);
  expect(await endOverdueSession({ database }, { assetId })).toMatchObject({ id: session.id });
  expect(await findActiveSession(database, assetId)).toBeNull();
  expect(await endOverdueSession({ database }, { assetId })).toBeNull();
});

it("notes when it ended, beside when it should have", async () => {
  const { session } = await world.sell();
  await world.endIn(session.id, -2);
  await endDueSession({ database }, { sessionId: session.id });
  const ended = await findSession(database, session.id);
  expect((ended?.endedAt?.getTime() ?? 0) - (ended?.expiresAt.getTime() ?? 0)).toBeGreaterThanOrEqual(2000);
});
