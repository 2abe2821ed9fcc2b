import { afterAll, expect, it } from "vitest";
import { describeSession, endSession } from "../../../../src/products/access/sessions/end-session.ts";
import { startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
afterAll(() => world.close());

it("ends a session, tells its holder and its merchant the same, and does it once", async () => {
  const { session } = await world.sell();
  const end = () =>
    world.database.transaction((transaction) =>
      endSession(transaction, { sessionId: session.id, status: "stopped", now: new Date(), data: { returned: "0.5" } }),
    );
  const ended = await end();
  if (ended === null) throw new Error("it was active");
  expect(await end()).toBeNull();
  const [, event] = await world.events(session.id);
  expect(event).toMatchObject({ type: "stopped", data: { ...describeSession(ended), returned: "0.5" } });
  expect(await world.told(session.merchantId)).toEqual(["session.started", "session.stopped"]);
});
