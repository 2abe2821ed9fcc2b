import { afterAll, beforeAll, expect, it } from "vitest";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { selectFeeFacts } from "../../../../src/products/access/fees/fee-rate-store.ts";
import { type FeesWorld, startFeesWorld } from "./fees-world.ts";

let world: FeesWorld;
beforeAll(async () => {
  world = await startFeesWorld();
});
afterAll(() => world.close());

it("counts what the merchant sold in the calendar month (UTC) of now, and nobody else's", async () => {
  const [merchantId, other] = [await world.merchant({ feeBasisPoints: 75 }), await world.merchant()];
  for (const at of ["2026-04-30T23:59:59.999Z", "2026-05-01T00:00:00Z", "2026-05-31T23:59:59.999Z"]) {
    await world.sell({ merchantId, units: 2_000_000n, at: new Date(at) });
  }
  await world.sell({ merchantId: other, units: 9_000_000n, at: new Date("2026-05-10T00:00:00Z") });
  const facts = (merchant: string, now: string) =>
    selectFeeFacts(world.database, { merchantId: merchant, now: new Date(now) });
  expect(await facts(merchantId, "2026-05-31T23:59:59Z")).toEqual({ ownBasisPoints: 75, volume: parseDollars("4") });
  expect(await facts(merchantId, "2026-06-01T00:00:00Z")).toEqual({ ownBasisPoints: 75, volume: 0n });
  expect(await facts(other, "2026-05-31T00:00:00Z")).toEqual({ ownBasisPoints: null, volume: parseDollars("9") });
  expect(await facts("mer_nobody", "2026-05-31T00:00:00Z")).toBeUndefined();
});
