import { afterAll, expect, it } from "vitest";
import { findActiveSession, findSessionByToken } from "../../../../src/products/access/sessions/session-store.ts";
import { PAYER, startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
afterAll(() => world.close());

it("opens a session for exactly the time that was paid, tells its holder and its merchant, and wakes its workflow", async () => {
  const { session, token } = await world.sell({ units: 10, unitSeconds: 60 });
  expect(token).toMatch(/^sess_[A-Za-z0-9_-]{43}$/);
  expect(session).toMatchObject({ status: "active", payer: PAYER, units: 10, paid: 1_000_000_000n, endedAt: null });
  expect(session.expiresAt.getTime() - session.startedAt.getTime()).toBe(600_000);
  expect(await findSessionByToken(world.database, token)).toMatchObject({ id: session.id, eventSeq: 1 });
  expect(await findActiveSession(world.database, session.assetId)).toMatchObject({ id: session.id });
  expect(await world.events(session.id)).toMatchObject([{ seq: 1, type: "started", data: { paid: "1", units: 10 } }]);
  expect(await world.told(session.merchantId)).toEqual(["session.started"]);
  expect(await world.wakes()).toContain(`access-session/${session.id}`);
});

it("keeps no token in the database, neither as it is nor anywhere in the text of a row", async () => {
  const { session, token } = await world.sell();
  const row: unknown = await world.owner("access_sessions").where("id", session.id).first();
  const events = await world.events(session.id);
  const told: unknown = await world.owner("access_events").where("merchant_id", session.merchantId);
  expect(JSON.stringify([row, events, told])).not.toContain(token.slice(5));
});

it("X19: of ten buyers at once one has the asset, and nobody else changed anything", async () => {
  const { assetId } = await world.sellAsset();
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => world.tryToSell({ assetId })));
  expect(outcomes.filter((outcome) => outcome !== "asset_taken")).toHaveLength(1);
  expect(await world.owner("access_sessions").where("asset_id", assetId)).toHaveLength(1);
});

it("ends a session that is past its end and that nobody ended yet, and opens the new one on the asset", async () => {
  const earlier = await world.sell();
  const { assetId, merchantId } = earlier.session;
  expect(await world.tryToSell({ assetId })).toBe("asset_taken");
  await world.endIn(earlier.session.id, -1);
  const next = await world.sell({ assetId });
  expect(await findSessionByToken(world.database, earlier.token)).toMatchObject({ status: "expired" });
  expect(next.session.id).not.toBe(earlier.session.id);
  expect(await world.told(merchantId)).toEqual(["session.started", "session.expired", "session.started"]);
});
