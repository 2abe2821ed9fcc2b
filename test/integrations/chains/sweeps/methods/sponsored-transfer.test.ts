import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOCAL_USDC_MINT, setLamports } from "../../../../../sandbox/parts/surfnet.ts";
import type { Chain } from "../../../../../src/integrations/chains/chain.ts";
import { readDeposits, scanDeposits } from "../../../../../src/integrations/chains/deposits/deposits.ts";
import {
  broadcastTransaction,
  checkTransaction,
} from "../../../../../src/integrations/chains/outgoing/outgoing-transactions.ts";
import { openSolanaChain } from "../../../../../src/integrations/chains/solana/chain.ts";
import { openSolanaKeys } from "../../../../../src/integrations/chains/solana/keystore-signer.ts";
import { tokenAccountOf } from "../../../../../src/integrations/chains/solana/token-accounts.ts";
import { recordSweep } from "../../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { prepareSweep } from "../../../../../src/integrations/chains/sweeps/sweep.ts";
import { newCustomer, solanaMissing } from "../../../../support/solana.ts";
import { newSolanaPayee, type SolanaWorld, startSolanaWorld, until } from "../../solana/solana-world.ts";

describe.skipIf(solanaMissing)("sweeping a Solana deposit", { timeout: 120_000 }, () => {
  let world: SolanaWorld;
  beforeAll(async () => {
    world = await startSolanaWorld();
  });
  afterAll(() => world?.stop());

  const paid = async (units: bigint) => {
    const payee = await newSolanaPayee(world);
    await world.solana.customer.pay({ to: payee.address, units });
    await until(
      async () => {
        await scanDeposits(world);
        return readDeposits(world.database, payee);
      },
      ([deposit]) => deposit?.status === "confirmed",
    );
    return payee;
  };
  const treasuryUnits = () => world.chain.readTokenBalance({ token: LOCAL_USDC_MINT, owner: world.signer.treasury });
  const prepare = async (depositAddressId: string, change: Partial<SolanaWorld> = {}) => {
    const plan = await prepareSweep({ ...world, ...change }, { depositAddressId });
    if (plan.state !== "prepared") throw new Error(`the sweep is ${plan.state}`);
    return plan;
  };
  const mined = (outgoingTransactionId: string) =>
    until(
      async () => {
        await broadcastTransaction(world, { outgoingTransactionId });
        return checkTransaction(world, { outgoingTransactionId });
      },
      ({ state }) => state === "mined" || state === "expired",
    );

  it("takes the tokens to the treasury, the vendor paying fee and rent, and books the fee to the purchase", async () => {
    const payee = await paid(5_000_000n);
    const plan = await prepare(payee.depositAddressId);
    // Two signatures; a real cluster adds 600 lamports of priority.
    expect(await mined(plan.outgoingTransactionId)).toMatchObject({ succeeded: true, feeUnits: "10000", gasUsed: "2" });
    expect(await recordSweep(world, plan)).toEqual({ outcome: "swept", gasCost: "1500000" });
    expect(await recordSweep(world, plan)).toMatchObject({ outcome: "swept", gasCost: "0" });
    expect(await treasuryUnits()).toBe(5_000_000n);
    expect(await world.chain.readTokenBalance({ token: LOCAL_USDC_MINT, owner: payee.address })).toBe(0n);
    expect(await world.chain.readNativeBalance(payee.address)).toBe(0n);
  });

  it("moves the tokens once, however often and however parallel it is prepared and sent", async () => {
    const before = await treasuryUnits();
    const payee = await paid(2_000_000n);
    const plans = await Promise.all([1, 2, 3].map(() => prepare(payee.depositAddressId)));
    expect(new Set(plans.map(({ hash }) => hash)).size).toBe(1);
    const [plan] = plans;
    if (plan === undefined) throw new Error("nothing was prepared");
    await Promise.all(plans.map(({ outgoingTransactionId }) => mined(outgoingTransactionId)));
    await mined(plan.outgoingTransactionId);
    await Promise.all(plans.map((each) => recordSweep(world, each)));
    expect((await treasuryUnits()) - before).toBe(2_000_000n);
  });

  it("signs anew only when the transaction is proven never to be in a block", async () => {
    const fast = await startSolanaWorld({ slotTimeMs: 20 });
    try {
      const payee = await newSolanaPayee(fast);
      await fast.solana.customer.pay({ to: payee.address, units: 1_000_000n });
      await until(
        async () => {
          await scanDeposits(fast);
          return readDeposits(fast.database, payee);
        },
        ([deposit]) => deposit?.status === "confirmed",
      );
      const first = await prepareSweep(fast, payee);
      if (first.state !== "prepared") throw new Error(`the sweep is ${first.state}`);
      await until(
        () => checkTransaction(fast, first),
        ({ state }) => state === "expired",
      );
      // Sending it now does no harm and moves nothing.
      await broadcastTransaction(fast, first);
      expect(await recordSweep(fast, first)).toEqual({ outcome: "reverted", gasCost: "0" });
      // On a busy machine an attempt may be too late again: then the next one is signed.
      const second = await until(
        async () => {
          const plan = await prepareSweep(fast, payee);
          if (plan.state !== "prepared") throw new Error(`the sweep is ${plan.state}`);
          await broadcastTransaction(fast, plan);
          const isOver = ({ state }: { readonly state: string }) => state === "mined" || state === "expired";
          const { state } = await until(() => checkTransaction(fast, plan), isOver);
          await recordSweep(fast, plan);
          return { state, hash: plan.hash };
        },
        ({ state }) => state === "mined",
      );
      expect(second.hash).not.toBe(first.hash);
      expect(await fast.chain.readTokenBalance({ token: LOCAL_USDC_MINT, owner: fast.signer.treasury })).toBe(
        1_000_000n,
      );
    } finally {
      await fast.stop();
    }
  });

  it("waits for SOL when the vendor's wallet cannot pay, and goes on when it can", async () => {
    const payee = await paid(3_000_000n);
    const { vendorWallet } = world.signer;
    await setLamports(world.solana.rpc, { owner: vendorWallet, lamports: 900_000n });
    await expect(prepare(payee.depositAddressId)).rejects.toMatchObject({ code: "gas_tank_empty" });
    await setLamports(world.solana.rpc, { owner: vendorWallet, lamports: 1_000_000_000n });
    const plan = await prepare(payee.depositAddressId);
    expect(await mined(plan.outgoingTransactionId)).toMatchObject({ state: "mined", succeeded: true });
    await recordSweep(world, plan);
  });

  it("answers that the tokens moved already when a restored database has forgotten the sweep", async () => {
    const payee = await paid(4_000_000n);
    const plan = await prepare(payee.depositAddressId);
    await mined(plan.outgoingTransactionId);
    await world.database("outgoing_transactions").where("id", plan.outgoingTransactionId).update({ key: "forgotten" });
    expect(await prepareSweep(world, payee)).toMatchObject({ state: "settled", transactionHash: plan.hash });
    expect(await recordSweep(world, plan)).toMatchObject({ outcome: "swept" });
  });

  it("stops before signing when the tokens left without us", async () => {
    const payee = await paid(6_000_000n);
    const chain: Chain = { ...world.chain, readTokenBalance: async () => 5_999_999n };
    await expect(prepare(payee.depositAddressId, { chain })).rejects.toMatchObject({ code: "deposit_address_short" });
  });

  it("C18: pays the rent of a treasury without a token account, once, and refuses treasuries that are no wallet", async () => {
    const cold = await newCustomer(world.solana.rpc);
    const treasury = "HAgk14JpMQLgt6rVgv7cBQFJWFto5Dqxi472uT3DKpqk";
    const open = (to: string) =>
      openSolanaKeys({
        keystoreJson: world.keystore.keystoreJson,
        password: "only for tests, twelve and more",
        network: world.network,
        treasury: to,
      });
    const payee = await paid(7_000_000n);
    const { signer } = await open(treasury);
    const plan = await prepare(payee.depositAddressId, { signer });
    await mined(plan.outgoingTransactionId);
    expect(await world.chain.readTokenBalance({ token: LOCAL_USDC_MINT, owner: treasury })).toBe(7_000_000n);
    const account = tokenAccountOf({ owner: cold.address, mint: LOCAL_USDC_MINT });
    for (const wrong of [account, cold.address.slice(4), `О${cold.address.slice(1)}`, ""]) {
      await expect(open(wrong)).rejects.toMatchObject({ code: "destination_refused" });
    }
  });

  it("asks again instead of believing when the node dies between signing and sending", async () => {
    const payee = await paid(1_500_000n);
    const plan = await prepare(payee.depositAddressId);
    const dead = openSolanaChain({ network: world.network, rpcUrl: "http://127.0.0.1:9", patience: { tries: 1 } });
    await expect(broadcastTransaction({ ...world, chain: dead }, plan)).rejects.toMatchObject({
      code: "rpc_unavailable",
    });
    expect((await prepare(payee.depositAddressId)).hash).toBe(plan.hash);
    expect(await mined(plan.outgoingTransactionId)).toMatchObject({ state: "mined", succeeded: true });
  });
});
