import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gasCostOf } from "../../../../src/integrations/chains/outgoing/gas-cost.ts";
import { findOutgoing } from "../../../../src/integrations/chains/outgoing/outgoing-transaction-store.ts";
import { broadcastTransaction } from "../../../../src/integrations/chains/outgoing/outgoing-transactions.ts";
import {
  costCap,
  planReplacement,
  type StuckQuestion,
} from "../../../../src/integrations/chains/outgoing/stuck-fees.ts";
import { listVersions } from "../../../../src/integrations/chains/outgoing/transaction-version-store.ts";
import { recordSweep } from "../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { evmMissing } from "../../../support/evm.ts";
import {
  type ChainWorld,
  ONE_DOLLAR,
  paidPayee,
  prepareOpen,
  startChainWorld,
  waitUntilMined,
  withChain,
} from "../chain-world.ts";

const unsigned = {
  chainId: 1,
  to: "0x",
  data: "0x",
  gasLimit: "100",
  maxFeePerGas: "1000",
  maxPriorityFeePerGas: "100",
};
const calm: StuckQuestion = {
  unsigned,
  fees: { gasPrice: 600n, maxFeePerGas: 1_200n, maxPriorityFeePerGas: 90n },
  versions: 1,
  ageSeconds: 10,
  stuckAfterSeconds: 180,
  isForced: false,
};

describe("whether a transaction needs higher fees", () => {
  it("leaves one alone that is young and offers enough", () => {
    expect(planReplacement(calm)).toBeUndefined();
  });

  it("raises both fees by at least an eighth and at least to today's price, of the same call", () => {
    expect(planReplacement({ ...calm, ageSeconds: 180 })).toEqual({
      ...unsigned,
      maxFeePerGas: "1200",
      maxPriorityFeePerGas: "113",
    });
    const dear = { gasPrice: 5_000n, maxFeePerGas: 10_000n, maxPriorityFeePerGas: 700n };
    expect(planReplacement({ ...calm, fees: dear })).toMatchObject({
      maxFeePerGas: "10000",
      maxPriorityFeePerGas: "700",
    });
    expect(planReplacement({ ...calm, isForced: true })).toBeDefined();
  });

  it("waits longer with every version, and stops after eight", () => {
    expect(planReplacement({ ...calm, versions: 2, ageSeconds: 359 })).toBeUndefined();
    expect(planReplacement({ ...calm, versions: 2, ageSeconds: 360 })).toBeDefined();
    expect(planReplacement({ ...calm, versions: 8, ageSeconds: 10 ** 6, isForced: true })).toBeUndefined();
  });

  it("counts gas and coin in what a wallet must hold", () => {
    expect(costCap(unsigned)).toBe(100_000n);
    expect(costCap({ ...unsigned, value: "5" })).toBe(100_005n);
  });
});

describe.skipIf(evmMissing !== undefined)("a transaction that is stuck", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  const askForMore = (sweep: { readonly outgoingTransactionId: string }) =>
    world.database.raw("UPDATE outgoing_transactions SET raise_requested_at = clock_timestamp() WHERE id = ?", [
      sweep.outgoingTransactionId,
    ]);
  const priceOf = (hex: string) => world.provider.send("anvil_setNextBlockBaseFeePerGas", [hex]);

  it("is sent anew with the same nonce when the base fee rose above its cap, and its cost is booked once", async () => {
    const sweep = await prepareOpen(world, await paidPayee(world, ONE_DOLLAR));
    await world.provider.send("evm_setAutomine", [false]);
    await broadcastTransaction(world, sweep);
    await priceOf("0x1bf08eb000");
    await world.evm.mine(1);
    await broadcastTransaction(world, sweep);
    await world.evm.mine(1);
    await world.provider.send("evm_setAutomine", [true]);
    const state = await waitUntilMined(world, sweep);
    expect(state).toMatchObject({ state: "mined", succeeded: true });
    const stored = await findOutgoing(world.database, sweep.outgoingTransactionId);
    expect(stored?.hash).not.toBe(sweep.hash);
    expect(await listVersions(world.database, sweep.outgoingTransactionId)).toHaveLength(2);
    const recorded = await Promise.all([1, 2].map(() => recordSweep(world, sweep)));
    const fee = state.state === "mined" ? BigInt(state.feeUnits) : 0n;
    expect(recorded.map(({ gasCost }) => gasCost).sort()).toEqual(["0", gasCostOf(world.chain, fee).toString()]);
    await priceOf("0x3b9aca00");
    await world.evm.mine(1);
  });

  it("counts as mined when the cheaper version got into the block after all", async () => {
    const sweep = await prepareOpen(world, await paidPayee(world, ONE_DOLLAR));
    const original = await findOutgoing(world.database, sweep.outgoingTransactionId);
    await world.provider.send("evm_setAutomine", [false]);
    await broadcastTransaction(world, sweep);
    const deaf = { ...world, chain: withChain(world.chain, { broadcast: async () => "already_known" as const }) };
    await askForMore(sweep);
    await broadcastTransaction(deaf, sweep);
    await world.evm.mine(1);
    await world.provider.send("evm_setAutomine", [true]);
    expect(await waitUntilMined(world, sweep)).toMatchObject({ state: "mined", succeeded: true });
    const mined = await findOutgoing(world.database, sweep.outgoingTransactionId);
    expect([mined?.hash, mined?.raw]).toEqual([original?.hash, original?.raw]);
    expect(await recordSweep(world, sweep)).toMatchObject({ outcome: "swept" });
  });

  it("has every version's bytes stored before they are sent, and keeps the old one while the wallet cannot pay more", async () => {
    const sweep = await prepareOpen(world, await paidPayee(world, ONE_DOLLAR));
    await world.provider.send("evm_setAutomine", [false]);
    await broadcastTransaction(world, sweep);
    const dead = { ...world, chain: withChain(world.chain, { broadcast: () => Promise.reject(new Error("crashed")) }) };
    await askForMore(sweep);
    await expect(broadcastTransaction(dead, sweep)).rejects.toThrow("crashed");
    expect(await listVersions(world.database, sweep.outgoingTransactionId)).toHaveLength(2);
    const poor = { ...world, chain: withChain(world.chain, { readNativeBalance: async () => 0n }) };
    await askForMore(sweep);
    await broadcastTransaction(poor, sweep);
    expect(await listVersions(world.database, sweep.outgoingTransactionId)).toHaveLength(2);
    await world.provider.send("evm_setAutomine", [true]);
    await world.evm.mine(1);
    expect(await waitUntilMined(world, sweep)).toMatchObject({ succeeded: true });
  });
});
