import { afterAll, beforeAll, expect, it } from "vitest";
import { feeActivities } from "../../activities/fees.ts";
import { type FeesWorld, startFeesWorld } from "../products/access/fees/fees-world.ts";

let world: FeesWorld;
beforeAll(async () => {
  world = await startFeesWorld();
});
afterAll(() => world.close());

it("says how many invoices it drew, and none the second time", async () => {
  const merchantId = await world.merchant();
  await world.sell({ merchantId, units: 1_000_000n, at: new Date("2026-10-10T00:00:00Z") });
  const { drawInvoices } = feeActivities({ ...world, clock: { now: () => Date.parse("2026-11-02T00:00:00Z") } });
  expect([await drawInvoices(), await drawInvoices()]).toEqual([1, 0]);
});
