import { afterAll, beforeAll, expect, it } from "vitest";
import { listPayouts } from "../../../../src/products/access/fees/list-payouts.ts";
import { insertPayout, markPayoutPaid } from "../../../../src/products/access/fees/payout-store.ts";
import { type FeesWorld, startFeesWorld } from "./fees-world.ts";
import { aPayout } from "./payout-rows.ts";

let world: FeesWorld;
beforeAll(async () => {
  world = await startFeesWorld();
});
afterAll(() => world.close());

it("shows each payout of a merchant once, page by page, newest first", async () => {
  const merchantId = await world.merchant({ mode: "custodial" });
  const ids: string[] = [];
  for (const hash of ["0x1", "0x2", "0x3"]) {
    const payout = aPayout({ merchantId });
    await insertPayout(world.database, payout);
    await markPayoutPaid(world.database, { id: payout.id, transactionHash: hash, at: new Date() });
    ids.unshift(payout.id);
  }
  await insertPayout(world.database, aPayout({ merchantId: await world.merchant() }));
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await listPayouts(world, { merchantId, status: "paid", cursor, limit: 2 });
    seen.push(...page.payouts.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual([...ids].sort().reverse());
  expect(await listPayouts(world, { merchantId, status: "open", cursor: undefined, limit: 2 })).toEqual({
    payouts: [],
    nextCursor: null,
  });
});
