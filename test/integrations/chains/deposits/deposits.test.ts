import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { observeAddress, readDeposits, scanDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { RpcUnavailable } from "../../../../src/integrations/chains/errors.ts";
import { openEvmChain } from "../../../../src/integrations/chains/evm/chain.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf, wakesOf } from "../books.ts";
import { type ChainWorld, newPayee, ONE_DOLLAR, pay, startChainWorld, withChain } from "../chain-world.ts";

describe.skipIf(evmMissing !== undefined)("scanning a chain for deposits", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  const deposits = (depositAddressId: string) => readDeposits(world.database, { depositAddressId });

  it("owes the customer exactly what reached the deposit address", async () => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units: 12_345_678n });
    await pay(world, { to: payee.address, units: 1n });
    const pass = await scanDeposits(world);
    expect(pass).toMatchObject({ observed: 2, confirmed: 2, caughtUp: true });
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(12_345_679_000n);
    expect(await balanceOf(world, accounts.depositWallet(world.network.id, "USDC"))).toBe(12_345_679_000n);
    for (const deposit of await deposits(payee.depositAddressId)) {
      expect(deposit).toMatchObject({
        status: "confirmed",
        waitingFor: null,
        chain: "eip155:31337",
        token: world.evm.usdc,
      });
      expect(deposit.entryId).toMatch(/^je_/);
    }
    expect(await wakesOf(world, `purchase/${payee.purchaseId}`)).toBeGreaterThan(0);
  });

  it("credits once however often and however parallel it scans", async () => {
    const payees = await Promise.all(Array.from({ length: 5 }, () => newPayee(world)));
    for (const payee of payees) await pay(world, { to: payee.address, units: 3n * ONE_DOLLAR });
    const passes = await Promise.all(Array.from({ length: 8 }, () => scanDeposits(world)));
    expect(passes.reduce((sum, { confirmed }) => sum + confirmed, 0)).toBe(5);
    await scanDeposits(world);
    for (const { purchaseId } of payees) {
      expect(await balanceOf(world, accounts.purchase(purchaseId))).toBe(3_000_000_000n);
    }
  });

  it("waits for more blocks the larger the amount is", async () => {
    const [small, large] = [await newPayee(world), await newPayee(world)];
    await pay(world, { to: large.address, units: 5_000n * ONE_DOLLAR });
    await scanDeposits(world);
    expect(await deposits(large.depositAddressId)).toMatchObject([{ status: "observed", waitingFor: "confirmations" }]);
    expect(await balanceOf(world, accounts.purchase(large.purchaseId))).toBe(0n);
    await pay(world, { to: small.address, units: 5n * ONE_DOLLAR });
    await scanDeposits(world);
    expect(await deposits(small.depositAddressId)).toMatchObject([{ status: "confirmed" }]);
    expect(await deposits(large.depositAddressId)).toMatchObject([{ status: "confirmed" }]);
    expect(await balanceOf(world, accounts.purchase(large.purchaseId))).toBe(5_000_000_000_000n);
  });

  it("credits a deposit to a retired address like any other", async () => {
    const payee = await newPayee(world);
    await world.database.raw("UPDATE deposit_addresses SET retired_at = now() WHERE id = ?", [payee.depositAddressId]);
    await pay(world, { to: payee.address, units: ONE_DOLLAR });
    await scanDeposits(world);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(1_000_000_000n);
  });

  it("continues where it stopped when the node dies in the middle", async () => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units: 4n * ONE_DOLLAR });
    const dying = withChain(world.chain, {
      readReceipt: async () => {
        throw new RpcUnavailable(world.network.id, "gone");
      },
    });
    await expect(scanDeposits({ ...world, chain: dying })).rejects.toMatchObject({ code: "rpc_unavailable" });
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(0n);
    await scanDeposits(world);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(4_000_000_000n);
  });

  it("credits nothing when the node answers for another chain", async () => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units: ONE_DOLLAR });
    const network = { ...world.network, chainId: 8453 };
    const chain = openEvmChain({ network, rpcUrl: world.evm.rpc });
    await expect(scanDeposits({ ...world, chain })).rejects.toMatchObject({ code: "chain_id_mismatch" });
    expect(await deposits(payee.depositAddressId)).toEqual([]);
  });

  it("credits nothing for an event behind which no tokens arrived", async () => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units: 6n * ONE_DOLLAR });
    const lying = withChain(world.chain, { readTokenBalance: async () => 6n * ONE_DOLLAR - 1n });
    await scanDeposits({ ...world, chain: lying });
    expect(await deposits(payee.depositAddressId)).toMatchObject([{ status: "observed", waitingFor: "balance_short" }]);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(0n);
    await scanDeposits(world);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(6_000_000_000n);
  });

  it("keeps crediting the others when the ledger refuses one deposit", async () => {
    const [refused, fine] = [await newPayee(world), await newPayee(world)];
    await world.database.raw("UPDATE deposit_addresses SET account = 'purchase/pur_never_opened' WHERE id = ?", [
      refused.depositAddressId,
    ]);
    await pay(world, { to: refused.address, units: ONE_DOLLAR });
    await pay(world, { to: fine.address, units: ONE_DOLLAR });
    await scanDeposits(world);
    const [waiting] = await deposits(refused.depositAddressId);
    expect(waiting).toMatchObject({ status: "observed", entryId: null });
    expect(waiting?.waitingFor).toMatch(/^[a-z_]+$/);
    expect(await balanceOf(world, accounts.purchase(fine.purchaseId))).toBe(1_000_000_000n);
  });

  it("finds a deposit whose log the node left out at first, at the latest one window later", async () => {
    const payee = await newPayee(world);
    await scanDeposits(world);
    await pay(world, { to: payee.address, units: 2n * ONE_DOLLAR });
    const forgetful = withChain(world.chain, { readTransfers: async () => [] });
    await world.evm.mine(20);
    await scanDeposits({ ...world, chain: forgetful });
    await world.evm.mine(world.network.reorgWindowBlocks);
    await scanDeposits(world);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(2_000_000_000n);
  });

  it("keeps a deposit larger than the books allow waiting, with the reason", async () => {
    const payee = await newPayee(world);
    await world.evm.mint("USDC", payee.address, 1_000_000_001n * ONE_DOLLAR);
    await world.evm.mine(3);
    await scanDeposits(world);
    expect(await deposits(payee.depositAddressId)).toMatchObject([{ status: "observed", waitingFor: "invalid_entry" }]);
  });

  it("waits, moving nothing, for a node whose head is far behind what was read", async () => {
    await world.evm.mine(40);
    const { scannedTo } = await scanDeposits(world);
    const stale = withChain(world.chain, {
      readHead: async () => ({ number: scannedTo - 33, hash: `0x${"0".repeat(64)}` }),
    });
    await expect(scanDeposits({ ...world, chain: stale })).rejects.toMatchObject({ code: "rpc_unavailable" });
    expect((await scanDeposits(world)).scannedTo).toBe(scannedTo);
  });

  it("looks at one address at once and credits what is there", async () => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units: 9n * ONE_DOLLAR });
    const seen = await observeAddress(world, payee);
    expect(seen).toMatchObject({ chainSeen: "current", deposits: [{ status: "confirmed" }] });
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(9_000_000_000n);
  });

  it("says unknown instead of failing when the node is dead or slow", async () => {
    const payee = await newPayee(world);
    const dead = openEvmChain({
      network: world.network,
      rpcUrl: "http://127.0.0.1:9/key-in-path",
      patience: { tries: 1 },
    });
    expect(await observeAddress({ ...world, chain: dead }, payee)).toEqual({ chainSeen: "unknown", deposits: [] });
    const slow = withChain(world.chain, { readHead: () => new Promise(() => undefined) });
    const asked = { ...payee, timeoutMilliseconds: 50 };
    expect(await observeAddress({ ...world, chain: slow }, asked)).toEqual({ chainSeen: "unknown", deposits: [] });
  });
});
