import { afterAll, expect, it } from "vitest";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { endDueSession } from "../../../../src/products/access/sessions/end-due-session.ts";
import { extendSession } from "../../../../src/products/access/sessions/extend-session.ts";
import { findSession, readDatabaseTime } from "../../../../src/products/access/sessions/session-store.ts";
import { startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
const { database } = world;
afterAll(() => world.close());

function extend(sessionId: string, units = 5) {
  return database.transaction(async (transaction) => {
    const now = await readDatabaseTime(transaction);
    const gross = nanodollars(BigInt(units) * 100_000_000n);
    return extendSession(transaction, { sessionId, units, unitSeconds: 60, gross, now });
  });
}

it("adds what was bought to the end there was, without interruption", async () => {
  const { session } = await world.sell({ units: 10 });
  const extended = await extend(session.id);
  expect(extended).toMatchObject({ status: "active", units: 15, isExtended: true, paid: 1_500_000_000n });
  if (extended === "too_late") throw new Error("it was in time");
  expect(extended.expiresAt.getTime() - session.expiresAt.getTime()).toBe(300_000);
  expect(await world.events(session.id)).toMatchObject([
    { seq: 1, type: "started" },
    { seq: 2, type: "extended", data: { addedUnits: 5, expiresAt: extended.expiresAt.toISOString() } },
  ]);
  expect(await world.told(session.merchantId)).toEqual(["session.started", "session.extended"]);
});

it("counts from the old end while a payment kept the session alive past it", async () => {
  const { session } = await world.sell();
  await world.payExtension(session.id);
  await world.endIn(session.id, -30);
  expect(await endDueSession({ database }, { sessionId: session.id })).toBeNull();
  const before = await findSession(database, session.id);
  const extended = await extend(session.id);
  if (extended === "too_late" || before === null) throw new Error("it was in time");
  expect(extended.expiresAt.getTime() - before.expiresAt.getTime()).toBe(300_000);
});

it("counts from now where the session stood past its grace and nobody had ended it", async () => {
  const { session } = await world.sell();
  await world.endIn(session.id, -3600);
  const from = await readDatabaseTime(database);
  const extended = await extend(session.id);
  if (extended === "too_late") throw new Error("nobody had ended it");
  expect(extended.expiresAt.getTime()).toBeGreaterThanOrEqual(from.getTime() + 300_000);
});

it("is too late for a session that has ended, and changes nothing", async () => {
  const { session } = await world.sell();
  await world.endIn(session.id, -1);
  expect(await endDueSession({ database }, { sessionId: session.id })).toMatchObject({ status: "expired" });
  expect(await extend(session.id)).toBe("too_late");
  expect(await extend("acs_unknown")).toBe("too_late");
  expect((await world.events(session.id)).map(({ type }) => type)).toEqual(["started", "expired"]);
});

it("of an extension and the end at the same instant one wins whole, and twenty times over never both", async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const { session } = await world.sell({ units: 1 });
      await world.endIn(session.id, -1);
      const [extended, ended] = await Promise.all([
        extend(session.id),
        endDueSession({ database }, { sessionId: session.id }),
      ]);
      const after = await findSession(database, session.id);
      const types = (await world.events(session.id)).map(({ type }) => type);
      return { isExtended: extended !== "too_late", isEnded: ended !== null, status: after?.status, types };
    }),
  );
  for (const { isExtended, isEnded, status, types } of outcomes) {
    expect(isExtended).toBe(!isEnded);
    expect(status).toBe(isEnded ? "expired" : "active");
    expect(types).toEqual(["started", isEnded ? "expired" : "extended"]);
  }
});
