import { afterAll, expect, it } from "vitest";
import { lookAt, readAccess, readSession } from "../../../../src/products/access/sessions/read-session.ts";
import { startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
const needs = { database: world.database };
afterAll(() => world.close());

it("ends what is overdue by looking at it, once, and sees it as it then is", async () => {
  const { session, token } = await world.sell();
  expect((await readSession(needs, { token })).session.status).toBe("active");
  await world.endIn(session.id, -1);
  const looks = await Promise.all(Array.from({ length: 5 }, () => readSession(needs, { token })));
  expect(new Set(looks.map((seen) => seen.session.status))).toEqual(new Set(["expired"]));
  expect((await world.events(session.id)).map(({ type }) => type)).toEqual(["started", "expired"]);
  expect((await lookAt(needs, session)).now).toBeInstanceOf(Date);
  expect((await readAccess(needs, session)).session).toBeNull();
});

it("finds neither a session nor an asset that is not there", async () => {
  await expect(readSession(needs, { token: "sess_none" })).rejects.toMatchObject({ code: "session_not_found" });
  await expect(readAccess(needs, { assetId: "ast_none" })).rejects.toMatchObject({ code: "asset_not_found" });
});
