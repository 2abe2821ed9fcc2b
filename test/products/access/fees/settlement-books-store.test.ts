import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { insertPayout } from "../../../../src/products/access/fees/payout-store.ts";
import { findClaimedUnits, readSettlementBooks } from "../../../../src/products/access/fees/settlement-books-store.ts";
import { type FeesWorld, startFeesWorld } from "./fees-world.ts";
import { aPayout } from "./payout-rows.ts";

const PLACE = { network: "solana:local", token: "USDC" };
const OLD = new Date(Date.now() - 3_600_000);

let world: FeesWorld;
let merchantId: string;
beforeAll(async () => {
  world = await startFeesWorld();
  merchantId = await world.merchant({ mode: "custodial" });
});
afterAll(() => world.close());

const books = () => readSettlementBooks(world.database, PLACE);
const sell = (units: bigint, at: Date) => world.sell({ merchantId, mode: "custodial", units, at });

describe("what the books say of a settlement wallet", () => {
  it("is nothing where nothing was sold", async () => {
    expect(await books()).toEqual({ ledger: 0n, arriving: [], leaving: [] });
  });

  it("has every sale, and says which of them a chain may not show yet, or not any more", async () => {
    const { paymentId: vanished } = await sell(3_000_000n, OLD);
    await sell(4_000_000n, OLD);
    await sell(5_000_000n, new Date());
    expect(await books()).toEqual({ ledger: 12_000_000_000n, arriving: [], leaving: ["5000000"].map(BigInt) });
    const logged = { payment_id: vanished, merchant_id: merchantId, asset_id: "a", event: "vanished" };
    await world.owner("access_payment_log").insert(logged);
    expect([...(await books()).leaving].sort()).toEqual([3_000_000n, 5_000_000n]);
  });

  it("has an open payout leaving, a paid one on either side for a while, and a cancelled one not at all", async () => {
    const payout = aPayout({ merchantId });
    await insertPayout(world.database, payout);
    expect((await books()).leaving).toContain(5_000_000n);
    const row = () => world.owner("access_payouts").where({ id: payout.id });
    await row().update({ status: "paid", transaction_hash: "x", paid_at: new Date() });
    expect((await books()).arriving).toEqual([5_000_000n]);
    await row().update({ status: "cancelled", transaction_hash: null, paid_at: null, cancelled_at: new Date() });
    expect((await books()).arriving).toEqual([]);
  });

  it("knows how much of a transaction its payments account for", async () => {
    const { paymentId } = await sell(2_000_000n, OLD);
    await world.owner("access_payments").where({ id: paymentId }).update({ transaction: "tx-1", left_units: "5" });
    const claimed = await findClaimedUnits(world.database, { ...PLACE, transactions: ["tx-1", "tx-2"] });
    expect(claimed).toEqual(new Map([["tx-1", 2_000_005n]]));
  });
});
