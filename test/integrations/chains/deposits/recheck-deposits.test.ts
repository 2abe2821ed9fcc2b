import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDeposits, scanDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { RpcUnavailable } from "../../../../src/integrations/chains/errors.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { usageMetered } from "../../../../src/ledger/postings/usage.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf, wakesOf } from "../books.ts";
import { type ChainWorld, newPayee, ONE_DOLLAR, pay, startChainWorld, withChain } from "../chain-world.ts";

const DOLLAR = 1_000_000_000n;

describe.skipIf(evmMissing !== undefined)("a credited deposit whose block is replaced", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  const deposits = (depositAddressId: string) => readDeposits(world.database, { depositAddressId });
  const snapshot = async (): Promise<unknown> => world.provider.send("evm_snapshot", []);
  const revert = (since: unknown) => world.provider.send("evm_revert", [since]);
  const walletHolds = () => balanceOf(world, accounts.depositWallet(world.network.id, "USDC"));

  /** A payee with a credited deposit, and how to take its block away. */
  const credited = async (units: bigint) => {
    const payee = await newPayee(world);
    const before = await snapshot();
    const hash = await pay(world, { to: payee.address, units });
    const raw: unknown = await world.provider.send("eth_getRawTransactionByHash", [hash]);
    await scanDeposits(world);
    expect(await deposits(payee.depositAddressId)).toMatchObject([{ status: "confirmed" }]);
    return { payee, before, raw: String(raw), account: accounts.purchase(payee.purchaseId) };
  };

  it("keeps its credit and follows its transaction to the new block", async () => {
    const { payee, before, raw, account } = await credited(5n * ONE_DOLLAR);
    const [first] = await deposits(payee.depositAddressId);
    await revert(before);
    await world.evm.mine(2);
    await (await world.provider.broadcastTransaction(raw)).wait();
    await world.evm.mine(1);
    expect(await scanDeposits(world)).toMatchObject({ moved: 1, reversed: 0 });
    const [second] = await deposits(payee.depositAddressId);
    expect(second).toMatchObject({ id: first?.id, status: "confirmed", entryId: first?.entryId, credits: 1 });
    expect(second?.blockHash).not.toBe(first?.blockHash);
    expect(await balanceOf(world, account)).toBe(5n * DOLLAR);
  });

  it("is reversed once when its transaction is gone, the customer's workflow is woken, and the books equal the chain", async () => {
    const held = await walletHolds();
    const { payee, before, account } = await credited(6n * ONE_DOLLAR);
    const wakes = await wakesOf(world, `purchase/${payee.purchaseId}`);
    await revert(before);
    await world.evm.mine(3);
    expect(await scanDeposits(world)).toMatchObject({ doubted: 1, reversed: 0 });
    expect(await deposits(payee.depositAddressId)).toMatchObject([
      { status: "confirmed", waitingFor: "block_replaced" },
    ]);
    await world.evm.mine(2);
    const passes = await Promise.all([scanDeposits(world), scanDeposits(world), scanDeposits(world)]);
    expect(passes.reduce((sum, { reversed }) => sum + reversed, 0)).toBe(1);
    expect(await deposits(payee.depositAddressId)).toMatchObject([
      { status: "reversed", waitingFor: "block_replaced" },
    ]);
    expect(await balanceOf(world, account)).toBe(0n);
    expect(await walletHolds()).toBe(held);
    expect(await wakesOf(world, `purchase/${payee.purchaseId}`)).toBeGreaterThan(wakes);
    await world.evm.mine(5);
    expect(await scanDeposits(world)).toMatchObject({ doubted: 0, reversed: 0 });
  });

  it("takes back what is left and books what was used as bad debt, never below the credit line", async () => {
    const held = await walletHolds();
    const lost = await balanceOf(world, accounts.badDebt("purchases"));
    const { before, account } = await credited(10n * ONE_DOLLAR);
    const used = { account, family: "purchases", eventId: "e1", quantity: "1", unit: "GB" };
    await world.ledger.post(usageMetered({ ...used, amount: nanodollars(7n * DOLLAR) }));
    await revert(before);
    await world.evm.mine(2);
    await scanDeposits(world);
    await world.evm.mine(2);
    expect(await scanDeposits(world)).toMatchObject({ reversed: 1 });
    expect(await balanceOf(world, account)).toBe(0n);
    expect(await balanceOf(world, accounts.badDebt("purchases"))).toBe(lost + 7n * DOLLAR);
    expect(await walletHolds()).toBe(held);
  });

  it("is credited again, once, when the same transfer comes back after the reversal", async () => {
    const { payee, before, raw, account } = await credited(8n * ONE_DOLLAR);
    await revert(before);
    await world.evm.mine(2);
    await scanDeposits(world);
    await world.evm.mine(2);
    expect(await scanDeposits(world)).toMatchObject({ reversed: 1 });
    await (await world.provider.broadcastTransaction(raw)).wait();
    await world.evm.mine(1);
    const passes = await Promise.all([scanDeposits(world), scanDeposits(world), scanDeposits(world)]);
    expect(passes.reduce((sum, { confirmed }) => sum + confirmed, 0)).toBe(1);
    expect(await deposits(payee.depositAddressId)).toMatchObject([{ status: "confirmed", credits: 2 }]);
    expect(await balanceOf(world, account)).toBe(8n * DOLLAR);
  });

  it("stays credited when the first chain wins after all", async () => {
    const { payee, account } = await credited(2n * ONE_DOLLAR);
    const forked = withChain(world.chain, {
      readBlockHash: async () => `0x${"1".repeat(64)}`,
      readReceipt: async () => undefined,
      readTransfers: async () => [],
    });
    await world.evm.mine(3);
    expect(await scanDeposits({ ...world, chain: forked })).toMatchObject({ reversed: 0 });
    expect((await deposits(payee.depositAddressId))[0]?.doubtedBlock).not.toBeNull();
    await world.evm.mine(5);
    await scanDeposits(world);
    expect(await deposits(payee.depositAddressId)).toMatchObject([
      { status: "confirmed", waitingFor: null, doubtedBlock: null },
    ]);
    expect(await balanceOf(world, account)).toBe(2n * DOLLAR);
  });

  it("is left alone while the node does not answer", async () => {
    const { payee } = await credited(ONE_DOLLAR);
    const silent = withChain(world.chain, {
      readReceipt: async () => {
        throw new RpcUnavailable(world.network.id, "gone");
      },
      readBlockHash: async () => `0x${"2".repeat(64)}`,
    });
    await world.evm.mine(3);
    await expect(scanDeposits({ ...world, chain: silent })).rejects.toMatchObject({ code: "rpc_unavailable" });
    expect(await deposits(payee.depositAddressId)).toMatchObject([{ status: "confirmed" }]);
    await world.evm.mine(3);
    await scanDeposits(world);
  });

  it("is not looked at any more once it is final: work per pass does not grow with old deposits", async () => {
    await Promise.all([1, 2, 3].map(() => newPayee(world))).then(async (payees) => {
      for (const payee of payees) await pay(world, { to: payee.address, units: ONE_DOLLAR });
    });
    await scanDeposits(world);
    await world.evm.mine(world.network.finalityBlocks);
    expect((await scanDeposits(world)).final).toBeGreaterThanOrEqual(3);
    const asked: number[] = [];
    const counting = withChain(world.chain, {
      readBlockHash: (number) => {
        asked.push(number);
        return world.chain.readBlockHash(number);
      },
    });
    for (let pass = 0; pass < 3; pass += 1) {
      await world.evm.mine(10);
      expect(await scanDeposits({ ...world, chain: counting })).toMatchObject({ final: 0, moved: 0, doubted: 0 });
    }
    // Only the cursor's own block.
    expect(asked.length).toBeLessThanOrEqual(3);
    const { rows } = await world.database.raw(
      "SELECT count(*) FROM deposits WHERE final_at IS NULL AND status = 'confirmed'",
    );
    expect(rows).toEqual([{ count: "0" }]);
  });

  it("C23: a chain that stood still for eight hours loses no deposit and credits none twice", async () => {
    const { payee, account } = await credited(3n * ONE_DOLLAR);
    const { head } = await scanDeposits(world);
    for (let look = 0; look < 5; look += 1) expect(await scanDeposits(world)).toMatchObject({ head, observed: 0 });
    await world.provider.send("evm_increaseTime", [8 * 3_600]);
    await pay(world, { to: payee.address, units: 2n * ONE_DOLLAR });
    await scanDeposits(world);
    expect(await balanceOf(world, account)).toBe(5n * DOLLAR);
  });
});
