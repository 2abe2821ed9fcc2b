import { MockActivityEnvironment } from "@temporalio/testing";
import { DefaultLogger } from "@temporalio/worker";
import { Wallet } from "ethers";
import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { payoutActivities } from "../../activities/payouts.ts";
import { openChains } from "../../src/integrations/chains/registry.ts";
import { parseDollars } from "../../src/money/nanodollars.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import { type ChainWorld, pay, startChainWorld } from "../integrations/chains/chain-world.ts";
import { salesIn } from "../products/access/fees/fees-world.ts";
import { evmMissing } from "../support/evm.ts";

const run = <Input, Answer>(activity: (input: Input) => Promise<Answer>, input: Input): Promise<Answer> =>
  new MockActivityEnvironment({}, { logger: new DefaultLogger("ERROR") }).run(activity, input);

describe.skipIf(evmMissing !== undefined)("the steps of a payout", () => {
  let world: ChainWorld;
  let owner: Knex;
  beforeAll(async () => {
    world = await startChainWorld();
    owner = openDatabase(world.ownerUrl, { maxConnections: 2, name: "test-owner" });
  });
  afterAll(async () => {
    await owner?.destroy();
    await world?.stop();
  });
  const activities = () =>
    payoutActivities({
      ...world,
      solanaKeys: undefined,
      chains: openChains([{ network: world.network, rpcUrl: world.evm.rpc }]),
      networks: [world.network],
      payoutMinimum: parseDollars("1"),
      clock: { now: () => Date.now() + 2 * 86_400_000 },
    });

  it("each run twice pay once, and what they answer survives JSON", async () => {
    const sales = salesIn({ ...world, owner });
    const merchantId = await sales.merchant({ mode: "custodial" });
    const network = world.network.id;
    const address = Wallet.createRandom().address;
    await world.database("merchant_wallets").insert({ merchant_id: merchantId, network, address });
    await sales.sell({ merchantId, units: 2_000_000n, at: new Date(), mode: "custodial", network });
    await pay(world, { to: world.signer.settlementWallet, units: 2_000_000n });
    const { startPayouts, preparePayout, broadcastPayout, isPayoutMined, recordPayout } = activities();
    expect([await run(startPayouts, undefined), await run(startPayouts, undefined)]).toEqual([1, 0]);
    const { id: payoutId } = await world.database("access_payouts").where({ merchant_id: merchantId }).first("id");
    const plan = await run(preparePayout, { payoutId });
    expect(await run(preparePayout, { payoutId })).toEqual(plan);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    if (plan.transactionId === null) throw new Error("there is nothing to send");
    const sent = { payoutId, transactionId: plan.transactionId };
    await run(broadcastPayout, sent);
    await run(broadcastPayout, sent);
    expect(await run(isPayoutMined, sent)).toBe(false);
    await world.evm.mine(world.network.finalityBlocks);
    await expect.poll(() => run(isPayoutMined, sent)).toBe(true);
    expect(await run(recordPayout, { payoutId })).toMatchObject({ outcome: "paid" });
    expect(await run(recordPayout, { payoutId })).toMatchObject({ outcome: "paid" });
  });

  it("call off what was never signed, and never what is paid", async () => {
    const { id: payoutId } = await world.database("access_payouts").where({ status: "paid" }).first("id");
    const request = { requestId: "cancel-1", actor: "ops", note: "", action: "cancelPayout" };
    await expect(run(activities().repairPayout, { payoutId, request })).rejects.toMatchObject({
      code: "payout_not_open",
    });
  });

  it("fail for a payout that is not there", async () => {
    await expect(run(activities().preparePayout, { payoutId: "pout_none" })).rejects.toMatchObject({
      code: "payout_not_found",
    });
  });
});
