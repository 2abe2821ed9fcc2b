import { Contract, HDNodeWallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDeposits, scanDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf } from "../books.ts";
import { type ChainWorld, newPayee, ONE_DOLLAR, pay, startChainWorld } from "../chain-world.ts";

const LARGE = 5_000n * ONE_DOLLAR;

describe.skipIf(evmMissing !== undefined)("a chain that changes its mind", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  const deposits = (depositAddressId: string) => readDeposits(world.database, { depositAddressId });
  /** Takes the blocks since a snapshot away and lets `meanwhile` make others. */
  const replaceBlocks = async (since: unknown, meanwhile: () => Promise<unknown>) => {
    await world.provider.send("evm_revert", [since]);
    await meanwhile();
  };
  const snapshot = async (): Promise<unknown> => world.provider.send("evm_snapshot", []);

  it("takes an observed deposit out when its block is replaced, and credits nothing", async () => {
    const payee = await newPayee(world);
    const before = await snapshot();
    await pay(world, { to: payee.address, units: LARGE });
    await scanDeposits(world);
    expect(await deposits(payee.depositAddressId)).toMatchObject([{ status: "observed" }]);
    await replaceBlocks(before, () => world.evm.mine(3));
    expect((await scanDeposits(world)).orphaned).toBe(1);
    expect(await deposits(payee.depositAddressId)).toMatchObject([
      { status: "orphaned", waitingFor: "block_replaced" },
    ]);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(0n);
  });

  it("credits it once when the same transaction comes back in another block", async () => {
    const payee = await newPayee(world);
    const before = await snapshot();
    const hash = await pay(world, { to: payee.address, units: LARGE });
    const raw = await rawTransaction(world, hash);
    await scanDeposits(world);
    const [first] = await deposits(payee.depositAddressId);
    await replaceBlocks(before, async () => {
      await world.evm.mine(2);
      await scanDeposits(world);
      expect(await deposits(payee.depositAddressId)).toMatchObject([{ status: "orphaned" }]);
      await (await world.provider.broadcastTransaction(raw)).wait();
    });
    await scanDeposits(world);
    const [second] = await deposits(payee.depositAddressId);
    expect(second).toMatchObject({ id: first?.id, status: "observed", transactionHash: hash });
    expect(second?.blockHash).not.toBe(first?.blockHash);
    await world.evm.mine(2);
    await scanDeposits(world);
    await scanDeposits(world);
    expect(await deposits(payee.depositAddressId)).toMatchObject([{ status: "confirmed" }]);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(5_000_000_000_000n);
  });

  it("finds what a deep reorg put into blocks it had read as empty", async () => {
    const payee = await newPayee(world);
    const before = await snapshot();
    await world.evm.mine(13);
    const { head } = await scanDeposits(world);
    await replaceBlocks(before, () => pay(world, { to: payee.address, units: ONE_DOLLAR }));
    await world.evm.mine(12);
    expect(await scanDeposits(world)).toMatchObject({ head, confirmed: 1 });
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(1_000_000_000n);
  });

  it("credits the address that has the tokens when a replaced block paid another one", async () => {
    const [first, second] = [await newPayee(world), await newPayee(world)];
    const before = await snapshot();
    await pay(world, { to: first.address, units: LARGE });
    await scanDeposits(world);
    await replaceBlocks(before, () => pay(world, { to: second.address, units: LARGE }));
    await world.evm.mine(5);
    await scanDeposits(world);
    expect(await balanceOf(world, accounts.purchase(first.purchaseId))).toBe(0n);
    expect(await balanceOf(world, accounts.purchase(second.purchaseId))).toBe(5_000_000_000_000n);
    expect(await deposits(first.depositAddressId)).toMatchObject([{ status: "orphaned" }]);
  });

  it("knows a deposit again although its new block has another transaction's logs before it", async () => {
    const [payee, other] = [await newPayee(world), HDNodeWallet.createRandom().connect(world.provider)];
    await world.evm.mint("USDC", other.address, ONE_DOLLAR);
    await world.evm.fund(other.address, 10n ** 18n);
    const before = await snapshot();
    const raw = await rawTransaction(world, await pay(world, { to: payee.address, units: LARGE }));
    await scanDeposits(world);
    await world.provider.send("evm_revert", [before]);
    await world.provider.send("evm_setAutomine", [false]);
    const token = new Contract(world.evm.usdc, ["function transfer(address to, uint256 value)"], other);
    const fees = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 11n };
    await token.getFunction("transfer").send(world.signer.vendorWallet, 1n, fees);
    await world.provider.broadcastTransaction(raw);
    await world.evm.mine(5);
    await world.provider.send("evm_setAutomine", [true]);
    await scanDeposits(world);
    expect(await deposits(payee.depositAddressId)).toMatchObject([{ status: "confirmed", logIndex: 0 }]);
    const receipt = await world.chain.readReceipt((await deposits(payee.depositAddressId))[0]?.transactionHash ?? "");
    expect(receipt?.transfers).toMatchObject([{ position: 1, logIndex: 0 }]);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(5_000_000_000_000n);
  });
});

async function rawTransaction(world: ChainWorld, hash: string): Promise<string> {
  const raw: unknown = await world.provider.send("eth_getRawTransactionByHash", [hash]);
  if (typeof raw !== "string") throw new Error("the node has no raw transaction");
  return raw;
}
