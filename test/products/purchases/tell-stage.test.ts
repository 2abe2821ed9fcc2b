import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { parseDollars } from "../../../src/money/nanodollars.ts";
import { listEvents } from "../../../src/products/purchases/event-store.ts";
import type { LifecycleDecision } from "../../../src/products/purchases/lifecycle.ts";
import { findPurchase, type Purchase } from "../../../src/products/purchases/purchase-store.ts";
import { type Stage, tellStage } from "../../../src/products/purchases/tell-stage.ts";
import { startTestApp, type TestApp } from "../../support/app.ts";
import { type Sale, sell } from "./sales.ts";

let app: TestApp;
let sale: Sale;
let purchase: Purchase;
beforeAll(async () => {
  app = await startTestApp();
});
beforeEach(async () => {
  sale = await sell(app);
  const found = await findPurchase(app.database, sale.purchaseId);
  if (found === null) throw new Error("the purchase was not stored");
  purchase = found;
});
afterAll(() => app.close());

const startedAt = new Date("2026-01-31T12:00:00Z");
const endsAt = new Date("2026-02-01T12:00:00Z");
const inGrace = { status: "grace", graceStartedAt: startedAt, graceEndsAt: endsAt } as const;

async function tell(from: Partial<Purchase>, decision: Partial<LifecycleDecision>, rest: Partial<Stage> = {}) {
  const before = { ...purchase, ...from };
  const after = { status: before.status, graceStartedAt: null, graceEndsAt: null, next: "wait", ...decision } as const;
  const stage = { purchase: before, decision: after, balance: parseDollars("0"), now: startedAt, ...rest };
  await app.database.transaction((transaction) => tellStage(transaction, stage));
}
const told = async () => {
  const events = await listEvents(app.database, sale.purchaseId);
  return events
    .filter(({ type }) => !["purchase.created", "purchase.active"].includes(type))
    .map(({ type, data }) => ({ type, data }));
};

it("tells of the end of grace once, however often the decision is taken", async () => {
  for (const _ of [1, 2, 3]) await tell({ status: "grace" }, { status: "terminating" });
  expect(await told()).toEqual([{ type: "purchase.terminating", data: { reason: "out_of_balance" } }]);
});

it("tells of a recovery once per grace, and again in the next", async () => {
  for (const graceEndsAt of [endsAt, endsAt, new Date("2026-03-01T12:00:00Z")])
    await tell({ status: "grace", graceEndsAt }, { status: "active" });
  expect(await told()).toEqual([
    { type: "purchase.recovered", data: { status: "active" } },
    { type: "purchase.recovered", data: { status: "active" } },
  ]);
});

it("says with the end what is left only where something is", async () => {
  await tell({ status: "terminating" }, { status: "terminated" }, { balance: parseDollars("0.04") });
  expect(await told()).toEqual([
    { type: "purchase.terminated", data: { balance: "0.04", smallest_refund: expect.any(String) } },
  ]);
});

it("reminds half-way through grace and not before", async () => {
  await tell(inGrace, inGrace, { now: new Date("2026-01-31T23:59:59Z") });
  expect(await told()).toEqual([]);
  for (const _ of [1, 2]) await tell(inGrace, inGrace, { now: new Date("2026-02-01T00:00:00Z") });
  expect(await told()).toEqual([
    { type: "purchase.grace_reminder", data: { balance: "0", grace_ends_at: endsAt.toISOString() } },
  ]);
});

it("says nothing of a stage that stays what it is", async () => {
  for (const status of ["active", "low", "critical", "terminating", "terminated"] as const)
    await tell({ status }, { status });
  expect(await told()).toEqual([]);
});
