import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localNetwork } from "../../../../src/integrations/chains/evm/networks.ts";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { newId } from "../../../../src/platform/ids.ts";
import { runPayouts } from "../../../../src/products/access/fees/run-payouts.ts";
import { type FeesWorld, startFeesWorld } from "./fees-world.ts";

const network = localNetwork({ usdc: "0x5FbDB2315678afecb367f032d93F642f64180aa3" });

let world: FeesWorld;
beforeAll(async () => {
  world = await startFeesWorld();
});
afterAll(() => world.close());

const needs = () => ({ ...world, networks: [network], payoutMinimum: parseDollars("1"), clock: systemClock });

async function owed(units: bigint) {
  const merchantId = await world.merchant({ mode: "custodial" });
  await world.sell({ merchantId, units, at: new Date(), mode: "custodial", network: network.id });
  const wallet = {
    merchant_id: merchantId,
    network: network.id,
    address: "0x6813Eb9362372EEF6200f3b1dbC3f819671cBA69",
  };
  await world.database("merchant_wallets").insert(wallet);
  return merchantId;
}

describe("runPayouts", () => {
  it("starts once by one request of an operator, and keeps who asked and why", async () => {
    const merchantId = await owed(5_000_000n);
    const input = { requestId: newId("req"), merchantId, skipWalletRest: true, actor: "ada", note: "asked by phone" };
    const started = await Promise.all([1, 2, 3].map(() => runPayouts(needs(), input)));
    const payout = await world.owner("access_payouts").where({ merchant_id: merchantId }).first();
    expect(started).toEqual([[payout.id], [payout.id], [payout.id]]);
    expect(await world.owner("operator_actions").where("subject", `merchant/${merchantId}`)).toMatchObject([
      { action: "runPayouts", actor: "ada", note: "asked by phone", input: { merchantId, skipWalletRest: true } },
    ]);
  });
});
