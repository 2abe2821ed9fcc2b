import { afterAll, beforeAll, expect, it } from "vitest";
import { usageMetered } from "../../src/ledger/postings/usage.ts";
import { selectFirstUsage, selectUsageBuckets } from "../../src/ledger/usage-buckets-store.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

it("orders by bucket and code point, begins after a place, and shows quantities without empty zeros", async () => {
  const account = await fundedAccount(world);
  const first = new Date("2026-03-01T10:30:00Z");
  for (const [at, unit] of ["b", "B", "ä", "a"].entries()) {
    const usage = { account, family: "purchases", eventId: unit, amount: nanodollars(1n), quantity: "1.500", unit };
    await world.ledger.post(usageMetered({ ...usage, occurredAt: new Date(first.getTime() + at) }));
  }
  const selection = { account, from: new Date(0), to: new Date("2027-01-01T00:00:00Z"), unit: null };
  expect(await selectFirstUsage(world.database, selection)).toEqual(first);
  expect(await selectFirstUsage(world.database, { ...selection, unit: "none" })).toBeNull();
  const question = { ...selection, width: "hour", limit: 10 } as const;
  const rows = await selectUsageBuckets(world.database, { ...question, after: null });
  expect(rows.map(({ unit }) => unit)).toEqual(["B", "a", "b", "ä"]);
  const bucket = new Date("2026-03-01T10:00:00Z");
  expect(rows[0]).toEqual({ bucket, unit: "B", quantity: "1.5", amount: "1" });
  const rest = await selectUsageBuckets(world.database, { ...question, after: { bucket, unit: "a" } });
  expect(rest.map(({ unit }) => unit)).toEqual(["b", "ä"]);
});
