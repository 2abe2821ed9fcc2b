import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { repairSession } from "../../../../src/products/access/sessions/repair-session.ts";
import { findSession } from "../../../../src/products/access/sessions/session-store.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { sessionRows } from "./session-world.ts";

let app: TestApp;
let world: ReturnType<typeof sessionRows>;
beforeAll(async () => {
  app = await startTestApp();
  world = sessionRows(app);
});
afterAll(() => app?.close());

const signed = () => ({ requestId: randomUUID(), actor: "operations", note: "the rig stood still" });
const repair = (sessionId: string, request: unknown) => repairSession(app.context, { sessionId, request });

it("gives time free of charge, once per request id, and writes it down", async () => {
  const { session } = await world.sell();
  const request = { ...signed(), action: "extendSession", seconds: 90 };
  const answer = await repair(session.id, request);
  expect(await repair(session.id, request)).toEqual(answer);
  const after = await findSession(app.database, session.id);
  expect(after).toMatchObject({ units: session.units, paid: session.paid, isExtended: true });
  expect(after?.expiresAt.getTime()).toBe(session.expiresAt.getTime() + 90_000);
  expect(answer).toMatchObject({ subject: `access-session/${session.id}`, action: "extendSession" });
  const actions: unknown[] = await app.owner("operator_actions").where("subject", answer.subject);
  expect(actions).toHaveLength(1);
  await expect(repair(session.id, { ...request, seconds: 91 })).rejects.toMatchObject({ code: "request_id_reused" });
});

it("takes a session away and gives back what was not used, unless told otherwise", async () => {
  for (const givesBack of [undefined, false]) {
    const { session } = await world.sell();
    await world.paySession(session.id);
    const answer = await repair(session.id, {
      ...{ ...signed(), action: "revokeSession" },
      ...(givesBack === undefined ? {} : { givesBack }),
    });
    expect(Number(answer.data.returned) > 0.9).toBe(givesBack === undefined);
    expect(await findSession(app.database, session.id)).toMatchObject({ status: "revoked" });
  }
});

it("takes back what was only tried", async () => {
  const { session } = await world.sell();
  const answer = await repair(session.id, { ...signed(), action: "revokeSession", dryRun: true });
  expect(answer.outcome).toContain("revoked");
  expect(await findSession(app.database, session.id)).toMatchObject({ status: "active" });
});

it("refuses what has ended, what is not there and what it does not understand, and changes nothing", async () => {
  const { session } = await world.sell();
  await repair(session.id, { ...signed(), action: "revokeSession" });
  const more = { ...signed(), action: "extendSession", seconds: 60 };
  await expect(repair(session.id, more)).rejects.toMatchObject({ code: "session_ended", status: 409 });
  await expect(repair("acs_none", more)).rejects.toMatchObject({ code: "session_not_found" });
  for (const wrong of [{ seconds: 0 }, { seconds: 1.5 }, { seconds: 60, units: 1 }, { action: "paint" }])
    await expect(repair(session.id, { ...more, ...wrong })).rejects.toMatchObject({ code: "invalid_repair" });
});
