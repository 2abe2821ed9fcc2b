import { afterAll, beforeAll, expect, it } from "vitest";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { endEarly, unusedValue } from "../../../../src/products/access/sessions/end-early.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { sessionRows } from "./session-world.ts";

let app: TestApp;
let world: ReturnType<typeof sessionRows>;
beforeAll(async () => {
  app = await startTestApp();
  world = sessionRows(app);
});
afterAll(() => app?.close());

it("values unused time by what was paid for all of it, and rounds down", () => {
  const startedAt = new Date("2026-01-01T12:00:00Z");
  const session = {
    status: "active",
    paid: nanodollars(100n),
    startedAt,
    expiresAt: new Date("2026-01-01T12:00:30Z"),
  } as const;
  expect(unusedValue(session, new Date("2026-01-01T12:00:10Z"))).toBe(66n);
  expect(unusedValue(session, new Date("2026-01-01T12:00:10.001Z"))).toBe(63n);
  expect(unusedValue(session, new Date("2026-01-01T12:01:00Z"))).toBe(0n);
});

it("ends nothing twice", async () => {
  const { session } = await world.sell();
  const now = new Date();
  const input = { session: { ...session, status: "expired" }, status: "stopped", givesBack: true, now } as const;
  expect(await app.database.transaction((transaction) => endEarly(transaction, app.context, input))).toBeNull();
});
