import { MockActivityEnvironment } from "@temporalio/testing";
import { DefaultLogger } from "@temporalio/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refundActivities } from "../../activities/refunds.ts";
import { requestRemainderRefund } from "../../src/integrations/chains/refunds/refund-requests.ts";
import { openChains } from "../../src/integrations/chains/registry.ts";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { type ChainWorld, ONE_DOLLAR, paidPayee, startChainWorld } from "../integrations/chains/chain-world.ts";
import { evmMissing } from "../support/evm.ts";

const run = <Input, Answer>(activity: (input: Input) => Promise<Answer>, input: Input): Promise<Answer> =>
  new MockActivityEnvironment({}, { logger: new DefaultLogger("ERROR") }).run(activity, input);

describe.skipIf(evmMissing !== undefined)("the steps of a refund", () => {
  let world: ChainWorld;
  let needs: ChainWorld & { readonly chains: ReturnType<typeof openChains> };
  beforeAll(async () => {
    world = await startChainWorld();
    needs = { ...world, chains: openChains([{ network: world.network, rpcUrl: world.evm.rpc }]) };
  });
  afterAll(() => world?.stop());

  it("each run twice send the money back once, and what they answer survives JSON", async () => {
    const payee = await paidPayee(world, 2n * ONE_DOLLAR);
    const [refund] = await world.database.transaction((transaction) =>
      requestRemainderRefund(transaction, needs, {
        key: "a",
        account: accounts.purchase(payee.purchaseId),
        depositAddressId: payee.depositAddressId,
        amount: nanodollars(2_000_000_000n),
      }),
    );
    const { prepareRefund, broadcastRefund, isRefundMined, recordRefund } = refundActivities(needs);
    const input = { refundId: refund?.id ?? "" };
    const plan = await run(prepareRefund, input);
    expect(await run(prepareRefund, input)).toEqual(plan);
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    if (plan.transactionId === null) throw new Error("there is nothing to send");
    const sent = { ...input, transactionId: plan.transactionId };
    await run(broadcastRefund, sent);
    await run(broadcastRefund, sent);
    expect(await run(isRefundMined, sent)).toBe(false);
    await world.evm.mine(world.network.finalityBlocks);
    await expect.poll(() => run(isRefundMined, sent)).toBe(true);
    expect(await run(recordRefund, input)).toMatchObject({ outcome: "paid" });
    expect(await run(recordRefund, input)).toMatchObject({ outcome: "paid" });
    expect(await run(prepareRefund, input)).toMatchObject({ isOver: true, transactionId: null });
  });

  it("fail for a refund that is not there", async () => {
    await expect(run(refundActivities(needs).prepareRefund, { refundId: "ref_none" })).rejects.toMatchObject({
      code: "chain_not_supported",
    });
  });
});
