import { afterAll, beforeAll, expect, it } from "vitest";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { insertReturn, selectPaidParts, sumReturned } from "../../../../src/products/access/fees/return-store.ts";
import { type FeesWorld, startFeesWorld } from "./fees-world.ts";

let world: FeesWorld;
beforeAll(async () => {
  world = await startFeesWorld();
});
afterAll(() => world.close());

const NOW = new Date("2026-05-02T00:00:00Z");

it("names the settled payments of a session, the latest first", async () => {
  const merchantId = await world.merchant();
  const first = await world.sell({ merchantId, units: 1_000_000n, at: new Date("2026-05-01T00:00:00Z") });
  const { sessionId } = first;
  const second = await world.sell({ merchantId, units: 2_000_000n, at: NOW, sessionId, payer: "Payer2222" });
  await world.sell({ merchantId, units: 5_000_000n, at: NOW });
  expect(await selectPaidParts(world.database, sessionId)).toMatchObject([
    { paymentId: second.paymentId, merchantId, payer: "Payer2222", mode: "direct", gross: parseDollars("2") },
    { paymentId: first.paymentId, amountUnits: 1_000_000n, feeUnits: 20_000n },
  ]);
});

it("gives a payment back once; a second time is refused and nothing is counted twice", async () => {
  const merchantId = await world.merchant();
  const sold = await world.sell({ merchantId, units: 1_000_000n, at: NOW });
  expect(await sumReturned(world.database, sold.sessionId)).toBe(0n);
  const back = { ...sold, merchantId, amount: parseDollars("0.25"), fee: parseDollars("0.005"), now: NOW };
  await insertReturn(world.database, back);
  await expect(insertReturn(world.database, back)).rejects.toThrow();
  expect(await sumReturned(world.database, sold.sessionId)).toBe(parseDollars("0.25"));
});
