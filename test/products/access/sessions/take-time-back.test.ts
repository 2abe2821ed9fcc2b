import { afterAll, expect, it } from "vitest";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { takeTimeBack } from "../../../../src/products/access/sessions/take-time-back.ts";
import { startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
afterAll(() => world.close());

const take = (sessionId: string, units: number) =>
  world.database.transaction((transaction) =>
    takeTimeBack(transaction, {
      ...{ sessionId, units, unitSeconds: 60, gross: nanodollars(BigInt(units) * 100_000_000n) },
      ...{ code: "payment_vanished", now: new Date() },
    }),
  );

it("takes one payment's time off the end and leaves what the others bought", async () => {
  const { session } = await world.sell({ units: 10 });
  const shortened = await take(session.id, 4);
  expect(shortened).toMatchObject({ status: "active", units: 6, paid: 600_000_000n });
  expect(shortened?.expiresAt.getTime()).toBe(session.expiresAt.getTime() - 240_000);
  expect((await world.events(session.id)).map(({ type }) => type)).toEqual(["started", "shortened"]);
  expect(await world.told(session.merchantId)).toEqual(["session.started", "session.shortened"]);
});

it("revokes a session of which nothing is left, or whose time has passed then, and nothing of one that ended", async () => {
  const { session } = await world.sell({ units: 10 });
  expect(await take(session.id, 10)).toMatchObject({ status: "revoked" });
  expect(await take(session.id, 10)).toBeNull();
  const late = (await world.sell({ units: 10 })).session;
  await world.endIn(late.id, 30);
  expect(await take(late.id, 1)).toMatchObject({ status: "revoked" });
  expect(await take("acs_unknown", 1)).toBeNull();
});
