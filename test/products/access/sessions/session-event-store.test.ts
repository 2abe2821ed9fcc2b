import { afterAll, expect, it } from "vitest";
import {
  insertSessionEvent,
  listEndEvents,
  listSessionEvents,
} from "../../../../src/products/access/sessions/session-event-store.ts";
import { startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
const { database } = world;
afterAll(() => world.close());

const add = (sessionId: string, type: string) => insertSessionEvent(database, { sessionId, type, data: {} });

it("lists events after one, in order and in pages", async () => {
  const { session } = await world.sell();
  const { id: sessionId } = session;
  for (const type of ["asset_maintenance", "extended", "expiring"]) await add(sessionId, type);
  const list = async (after: number, limit: number) =>
    (await listSessionEvents(database, { sessionId, after, limit })).map(({ seq }) => seq);
  expect(await list(0, 10)).toEqual([1, 2, 3, 4]);
  expect(await list(1, 2)).toEqual([2, 3]);
  expect(await list(4, 10)).toEqual([]);
  expect((await listEndEvents(database, sessionId)).map(({ type }) => type)).toEqual([
    "started",
    "extended",
    "expiring",
  ]);
});

it("lets nobody change or take back what was said, and adds nothing to a session that is not there", async () => {
  const { session } = await world.sell();
  const events = () => world.owner("access_session_events").where("session_id", session.id);
  await expect(events().update({ type: "expired" })).rejects.toThrow();
  await expect(events().delete()).rejects.toThrow();
  expect(await add("acs_none", "started")).toBeNull();
});
