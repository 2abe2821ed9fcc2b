import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gasCostOf } from "../../../../src/integrations/chains/outgoing/gas-cost.ts";
import {
  broadcastTransaction,
  checkTransaction,
} from "../../../../src/integrations/chains/outgoing/outgoing-transactions.ts";
import { recordSweep } from "../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { prepareSweep } from "../../../../src/integrations/chains/sweeps/sweep.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf } from "../books.ts";
import {
  type ChainWorld,
  faucet,
  ONE_DOLLAR,
  paidPayee,
  prepareOpen,
  send,
  signerWithTreasury,
  startChainWorld,
  withChain,
} from "../chain-world.ts";

describe.skipIf(evmMissing !== undefined)("writing a sweep into the books", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  it("books exactly what the gas cost, once", async () => {
    const payee = await paidPayee(world, 2n * ONE_DOLLAR);
    const cost = accounts.networkCost(world.network.id);
    const [before, coins] = [await balanceOf(world, cost), await world.provider.getBalance(world.signer.vendorWallet)];
    const sweep = await prepareOpen(world, payee);
    await send(world, sweep);
    const recorded = await Promise.all([1, 2, 3].map(() => recordSweep(world, sweep)));
    const spent = coins - (await world.provider.getBalance(world.signer.vendorWallet));
    expect(spent).toBeGreaterThan(0n);
    expect((await balanceOf(world, cost)) - before).toBe(gasCostOf(world.chain, spent));
    expect(recorded.map(({ gasCost }) => gasCost).sort()).toEqual(["0", "0", gasCostOf(world.chain, spent).toString()]);
  });

  it("C02: a transaction that succeeded without moving the tokens is not in the books, and says so", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const sweep = await prepareOpen(world, payee);
    await send(world, sweep);
    const treasury = accounts.treasury(world.network.id, "USDC");
    const before = await balanceOf(world, treasury);
    const silent = withChain(world.chain, {
      readReceipt: async (hash) => {
        const receipt = await world.chain.readReceipt(hash);
        return receipt && { ...receipt, transfers: [] };
      },
    });
    await expect(recordSweep({ ...world, chain: silent }, sweep)).rejects.toMatchObject({ code: "tokens_not_moved" });
    expect(await balanceOf(world, treasury)).toBe(before);
    expect((await recordSweep(world, sweep)).outcome).toBe("swept");
    expect(await balanceOf(world, treasury)).toBe(before + 1_000n * ONE_DOLLAR);
  });

  it("names the purchase whose deposit it moved", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const sweep = await prepareOpen(world, payee);
    await send(world, sweep);
    await recordSweep(world, sweep);
    const { rows } = await world.database.raw<{ rows: { purchase: string }[] }>(
      `SELECT metadata->>'purchase' AS purchase FROM journal_entries WHERE idempotency_key = ?`,
      [`network-fee:${world.network.id}:${sweep.hash}`],
    );
    expect(rows).toEqual([{ purchase: payee.purchaseId }]);
  });

  it("books the gas of a reverted attempt too, and leaves the tokens where they are", async () => {
    const payee = await paidPayee(world, 2n * ONE_DOLLAR);
    const cold = { ...world, signer: await signerWithTreasury(world, "0x2222222222222222222222222222222222222222") };
    const inDeposits = accounts.depositWallet(world.network.id, "USDC");
    const held = await balanceOf(world, inDeposits);
    const sweep = await prepareOpen(cold, payee);
    const { rows } = await world.database.raw<{ rows: { to: string; data: string }[] }>(
      "SELECT unsigned->>'to' AS to, unsigned->>'data' AS data FROM outgoing_transactions WHERE id = ?",
      [sweep.outgoingTransactionId],
    );
    await (await faucet(world).sendTransaction({ ...rows[0] })).wait();
    expect(await send(world, sweep)).toMatchObject({ succeeded: false });
    const recorded = await recordSweep(world, sweep);
    expect(recorded.outcome).toBe("reverted");
    expect(BigInt(recorded.gasCost)).toBeGreaterThan(0n);
    expect(await balanceOf(world, inDeposits)).toBe(held);
    expect(await recordSweep(world, sweep)).toEqual({ outcome: "reverted", gasCost: "0" });
    expect(await prepareSweep(cold, payee)).toMatchObject({ state: "settled" });
    expect(await recordSweep(world, sweep)).toEqual({ outcome: "swept", gasCost: "0" });
    expect(await balanceOf(world, inDeposits)).toBe(held - 2_000_000_000n);
  });

  it("writes nothing before the transaction is mined, nor for a sweep nobody made", async () => {
    const sweep = await prepareOpen(world, await paidPayee(world, ONE_DOLLAR));
    await expect(recordSweep(world, sweep)).rejects.toMatchObject({ code: "sweep_not_ready" });
    await expect(recordSweep(world, { sweepId: "swp_none" })).rejects.toMatchObject({ code: "sweep_not_ready" });
  });

  it("writes nothing a reorg can take back: it waits until the sweep is final, and one whose block is replaced is sent again", async () => {
    const sweep = await prepareOpen(world, await paidPayee(world, ONE_DOLLAR));
    const { finalityBlocks } = world.network;
    const inTreasury = accounts.treasury(world.network.id, "USDC");
    const before = await balanceOf(world, inTreasury);
    await broadcastTransaction(world, sweep);
    await world.evm.mine(finalityBlocks - 2);
    expect(await checkTransaction(world, sweep)).toEqual({ state: "pending" });
    await expect(recordSweep(world, sweep)).rejects.toMatchObject({ code: "sweep_not_ready" });
    await world.provider.send("anvil_reorg", [finalityBlocks - 1, []]);
    expect(await world.chain.readReceipt(sweep.hash)).toBeUndefined();
    expect(await balanceOf(world, inTreasury)).toBe(before);
    expect(await send(world, sweep)).toMatchObject({ state: "mined", succeeded: true });
    expect(await recordSweep(world, sweep)).toMatchObject({ outcome: "swept" });
    expect(await balanceOf(world, inTreasury)).toBe(before + 1_000_000_000n);
  });

  it("never rounds a cost down", () => {
    const chain = { network: { ...world.network, nativePrice: nanodollars(3_000_000_000_000n) } };
    expect(gasCostOf(chain, 0n)).toBe(0n);
    expect(gasCostOf(chain, 1n)).toBe(1n);
    expect(gasCostOf(chain, 10n ** 18n)).toBe(3_000_000_000_000n);
    expect(gasCostOf(chain, 333_333_333_334n)).toBe(1_000_001n);
  });
});
