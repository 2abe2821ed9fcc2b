import { afterAll, expect, it } from "vitest";
import { noteParked } from "../../../../src/platform/temporal/parked-workflow-store.ts";
import { findOverdueSessions } from "../../../../src/products/access/sessions/overdue-session-store.ts";
import { startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
afterAll(() => world.close());

async function endingIn(seconds: number): Promise<string> {
  const { session } = await world.sell();
  await world.endIn(session.id, seconds);
  return session.id;
}

it("names the sessions whose end came to nothing, the longest overdue first, and no other", async () => {
  const late = await endingIn(-10);
  const later = await endingIn(-20);
  await endingIn(60);
  await endingIn(-1);
  const paying = await endingIn(-30);
  await world.payExtension(paying, "unknown");
  const paidTooLong = await endingIn(-200);
  await world.payExtension(paidTooLong, "unknown");
  const parked = await endingIn(-40);
  await noteParked(world.database, {
    ...{ subject: `access-session/${parked}`, step: "look", phase: null, stepName: null },
    ...{ code: "internal", reason: "-", nextAction: "-", since: new Date() },
  });
  expect(await findOverdueSessions(world.database)).toEqual(
    [paidTooLong, later, late].map((id) => `access-session/${id}`),
  );
});
