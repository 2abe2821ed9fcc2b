import { afterAll, expect, it } from "vitest";
import { noteSessionEvent } from "../../../../src/products/access/sessions/session-events.ts";
import { findSession } from "../../../../src/products/access/sessions/session-store.ts";
import { startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
const { database } = world;
afterAll(() => world.close());

const say = (sessionId: string) =>
  database.transaction((transaction) =>
    noteSessionEvent(transaction, { sessionId, type: "asset_maintenance", data: { until: "tomorrow" } }),
  );

it("numbers what is said without gaps, however many say something at once and whoever takes it back", async () => {
  const { session } = await world.sell();
  const takenBack = database.transaction(async (transaction) => {
    await noteSessionEvent(transaction, { sessionId: session.id, type: "payment_failed", data: {} });
    throw new Error("taken back");
  });
  await Promise.allSettled([takenBack, ...Array.from({ length: 8 }, () => say(session.id))]);
  expect((await world.events(session.id)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await findSession(database, session.id)).toMatchObject({ eventSeq: 9 });
});

it("refuses a session that is not there", async () => {
  await expect(say("acs_none")).rejects.toThrow("not there");
});
