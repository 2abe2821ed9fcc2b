import { afterAll, expect, it } from "vitest";
import { lockDueSessions, readNextEnd } from "../../../../src/products/access/sessions/due-session-store.ts";
import { startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
const { database } = world;
afterAll(() => world.close());

it("names who is due, the longest overdue first and no more than asked for", async () => {
  const ids: string[] = [];
  for (const seconds of [-1, -3, -2]) {
    const { session } = await world.sell();
    await world.endIn(session.id, seconds);
    ids.push(session.id);
  }
  const due = await database.transaction((transaction) => lockDueSessions(transaction, 2));
  expect(due).toEqual([ids[1], ids[2]]);
});

it("knows how long the next active session still runs, and of none that nothing will end", async () => {
  expect(await readNextEnd(database)).toBeNull();
  const { session } = await world.sell();
  await world.endIn(session.id, 400);
  const milliseconds = await readNextEnd(database);
  expect(milliseconds).toBeGreaterThan(0);
  expect(milliseconds).toBeLessThanOrEqual(400_000);
});
