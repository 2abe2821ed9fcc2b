import { afterAll, expect, it } from "vitest";
import {
  addTime,
  closeSession,
  findActiveSession,
  findSession,
  listSessions,
  listSessionsOfPayer,
} from "../../../../src/products/access/sessions/session-store.ts";
import { PAYER, startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
const { database } = world;
afterAll(() => world.close());

it("changes active sessions alone", async () => {
  const { session } = await world.sell();
  const { id } = session;
  const ended = await closeSession(database, { id, status: "stopped", endedAt: new Date() });
  expect(ended).toMatchObject({ status: "stopped" });
  expect(await closeSession(database, { id, status: "expired", endedAt: new Date() })).toBeNull();
  expect(await addTime(database, { id, units: 1, paid: 1n, expiresAt: new Date() })).toBeNull();
  expect(await findActiveSession(database, session.assetId)).toBeNull();
  expect(await findSession(database, id)).toMatchObject({ status: "stopped", units: session.units });
});

it("lists by merchant, asset and status, newest first, and a payer's by the kind of its chain", async () => {
  const { assetId, merchantId } = await world.sellAsset();
  const first = await world.sell({ assetId });
  await closeSession(database, { id: first.session.id, status: "expired", endedAt: new Date() });
  const second = await world.sell({ assetId });
  const all = { merchantId, assetId: null, status: null, before: null, limit: 10 };
  const ids = async (change: object) => (await listSessions(database, { ...all, ...change })).map(({ id }) => id);
  expect(await ids({})).toEqual([second.session.id, first.session.id]);
  expect(await ids({ status: "expired" })).toEqual([first.session.id]);
  expect(await ids({ before: second.session.id })).toEqual([first.session.id]);
  expect(await ids({ assetId: "ast_none" })).toEqual([]);
  const mine = { payers: [PAYER], assetId, limit: 10 };
  expect(await listSessionsOfPayer(database, { ...mine, networkPrefix: "eip155:" })).toHaveLength(1);
  expect(await listSessionsOfPayer(database, { ...mine, networkPrefix: "solana:" })).toHaveLength(0);
});
