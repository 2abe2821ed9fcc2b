import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  insertPayout,
  keepSinceBlock,
  markPayoutPaid,
  nextPayoutAttempt,
  readOpenPayout,
  selectCustodialMerchants,
  selectPayout,
  selectPools,
} from "../../../../src/products/access/fees/payout-store.ts";
import { type FeesWorld, startFeesWorld } from "./fees-world.ts";
import { aPayout } from "./payout-rows.ts";

let world: FeesWorld;
beforeAll(async () => {
  world = await startFeesWorld();
});
afterAll(() => world.close());

const sold = async (mode: "direct" | "custodial" = "custodial") => {
  const merchantId = await world.merchant({ mode });
  await world.sell({ merchantId, mode, units: 10_000_000n, at: new Date() });
  return merchantId;
};

describe("payouts", () => {
  it("are one at a time per merchant and token: a pool with an open one is no pool", async () => {
    const merchantId = await sold();
    expect(await selectPools(world.database, merchantId)).toMatchObject([
      { network: "solana:local", token: "USDC", units: 9_800_000n, address: null, walletChangedAt: null },
    ]);
    const payout = aPayout({ merchantId });
    const inserted = [payout, aPayout({ merchantId })].map((each) => insertPayout(world.database, each));
    expect((await Promise.all(inserted)).filter(Boolean)).toHaveLength(1);
    expect(await selectPools(world.database, merchantId)).toEqual([]);
    const open = await world.database("access_payouts").where({ merchant_id: merchantId }).first();
    await markPayoutPaid(world.database, { id: open.id, transactionHash: "0xab", at: new Date() });
    expect(await selectPools(world.database, merchantId)).toMatchObject([{ units: 4_800_000n }]);
  });

  it("are for merchants with custodial sales alone", async () => {
    const [custodial, direct] = [await sold(), await sold("direct")];
    const all = await selectCustodialMerchants(world.database, { merchantId: null, after: "", limit: 100 });
    expect(all).toContain(custodial);
    expect(all).not.toContain(direct);
    expect(await selectCustodialMerchants(world.database, { merchantId: direct, after: "", limit: 1 })).toEqual([]);
  });

  it("keep their first block, count an attempt once, and are paid by exactly one", async () => {
    const payout = aPayout({ merchantId: await sold() });
    const { id } = payout;
    await insertPayout(world.database, payout);
    for (const block of [7, 8]) await keepSinceBlock(world.database, { id, block });
    const { attempts = 0 } = (await readOpenPayout(world.database, id)) ?? {};
    for (const _twice of [1, 2]) await nextPayoutAttempt(world.database, { id, attempt: attempts });
    expect(await selectPayout(world.database, id)).toMatchObject({ ...payout, sinceBlock: 7, attempts: attempts + 1 });
    const at = new Date();
    const paid = ["0x1", "0x2", "0x3"].map((transactionHash) =>
      markPayoutPaid(world.database, { id, transactionHash, at }),
    );
    expect((await Promise.all(paid)).filter(Boolean)).toHaveLength(1);
    expect(await readOpenPayout(world.database, id)).toBeUndefined();
    await nextPayoutAttempt(world.database, { id, attempt: attempts + 1 });
    expect(await selectPayout(world.database, id)).toMatchObject({ status: "paid", attempts: attempts + 1 });
  });
});
