import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDeposits, scanDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { observeTransfers } from "../../../../src/integrations/chains/deposits/observe-transfers.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf, wakesOf } from "../books.ts";
import {
  type ChainWorld,
  newPayee,
  ONE_DOLLAR,
  pay,
  payInOneTransaction,
  prepareOpen,
  send,
  startChainWorld,
  withChain,
} from "../chain-world.ts";

describe.skipIf(evmMissing !== undefined)("finding transfers to our addresses", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  const deposits = (depositAddressId: string) => readDeposits(world.database, { depositAddressId });

  it("credits several transfers of one transaction each by itself", async () => {
    const payee = await newPayee(world);
    const hash = await payInOneTransaction(world, { to: payee.address, units: [1_000n, 2_000n] });
    await scanDeposits(world);
    const found = await deposits(payee.depositAddressId);
    expect(found.map(({ transactionHash, logIndex }) => [transactionHash, logIndex])).toEqual([
      [hash, 0],
      [hash, 1],
    ]);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(3_000_000n);
  });

  it("C08: ignores transfers of zero, whatever they pretend", async () => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units: 0n });
    await scanDeposits(world);
    expect(await deposits(payee.depositAddressId)).toEqual([]);
  });

  it("C09: puts a token the offer does not take into suspense, never on the customer's balance and never aside", async () => {
    const payee = await newPayee(world, { accepts: ["USDC"] });
    await pay(world, { to: payee.address, units: 3n * ONE_DOLLAR, token: world.evm.usdt });
    await scanDeposits(world);
    await scanDeposits(world);
    expect(await deposits(payee.depositAddressId)).toMatchObject([
      { status: "suspense", waitingFor: "wrong-token", account: "suspense/wrong-token", amountUnits: 3n * ONE_DOLLAR },
    ]);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(0n);
    expect(await balanceOf(world, accounts.suspense("wrong-token"))).toBe(3_000_000_000n);
    expect(await balanceOf(world, accounts.depositWallet(world.network.id, "USDT"))).toBe(3_000_000_000n);
    expect(await wakesOf(world, `purchase/${payee.purchaseId}`)).toBeGreaterThan(0);
  });

  it("C09: credits a token the offer takes, whichever of them was asked for", async () => {
    const payee = await newPayee(world, { accepts: ["USDC", "USDT"] });
    await pay(world, { to: payee.address, units: ONE_DOLLAR, token: world.evm.usdt });
    await scanDeposits(world);
    expect(await deposits(payee.depositAddressId)).toMatchObject([{ status: "confirmed" }]);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(1_000_000_000n);
  });

  it("C09: keeps what strangers send straight to a wallet of ours, and takes no sweep of ours for it", async () => {
    const payee = await newPayee(world);
    const watching = { ...world, wallets: [world.signer.vendorWallet] };
    const before = await balanceOf(world, accounts.treasury(world.network.id, "USDC"));
    await pay(world, { to: payee.address, units: 4n * ONE_DOLLAR });
    await scanDeposits(watching);
    await send(world, await prepareOpen(world, payee));
    const hash = await pay(world, { to: world.signer.vendorWallet, units: 7n * ONE_DOLLAR });
    await scanDeposits(watching);
    await scanDeposits(watching);
    const { rows } = await world.database.raw("SELECT * FROM deposits WHERE address = ?", [world.signer.vendorWallet]);
    expect(rows).toMatchObject([
      { transaction_hash: hash, deposit_address_id: null, status: "suspense", waiting_for: "wrong-address" },
    ]);
    expect(await balanceOf(world, accounts.suspense("wrong-address"))).toBe(7_000_000_000n);
    expect(await balanceOf(world, accounts.treasury(world.network.id, "USDC"))).toBe(before + 7_000_000_000n);
  });

  it("changes nothing when a range is read again", async () => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units: ONE_DOLLAR });
    const { number: toBlock } = await world.chain.readHead();
    expect(await observeTransfers(world, { fromBlock: toBlock, toBlock })).toBe(1);
    const found = await deposits(payee.depositAddressId);
    expect(await observeTransfers(world, { fromBlock: 0, toBlock, recipient: payee.address })).toBe(0);
    expect(await deposits(payee.depositAddressId)).toEqual(found);
  });

  it("looks for nobody else when it is told for whom", async () => {
    const [asked, other] = [await newPayee(world), await newPayee(world)];
    for (const { address } of [asked, other]) await pay(world, { to: address, units: ONE_DOLLAR });
    const { number: toBlock } = await world.chain.readHead();
    await observeTransfers(world, { fromBlock: toBlock - 1, toBlock, recipient: asked.address });
    expect(await deposits(asked.depositAddressId)).toHaveLength(1);
    expect(await deposits(other.depositAddressId)).toEqual([]);
  });

  it("stops at a log without a receipt, so that nothing is skipped", async () => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units: ONE_DOLLAR });
    const { number: toBlock } = await world.chain.readHead();
    const lagging = { ...world, chain: withChain(world.chain, { readReceipt: async () => undefined }) };
    await expect(observeTransfers(lagging, { fromBlock: toBlock, toBlock })).rejects.toMatchObject({
      code: "rpc_unavailable",
    });
    expect(await deposits(payee.depositAddressId)).toEqual([]);
  });

  it("asks the node for every transfer, not for every address, once there are many addresses", async () => {
    const payees = await Promise.all(Array.from({ length: 101 }, () => newPayee(world)));
    const [payee] = payees;
    if (payee === undefined) throw new Error("no payee");
    await pay(world, { to: payee.address, units: 2n * ONE_DOLLAR });
    const asked: (number | undefined)[] = [];
    const chain = withChain(world.chain, {
      readTransfers: (range) => {
        asked.push(range.recipients?.length);
        return world.chain.readTransfers(range);
      },
    });
    await scanDeposits({ ...world, chain });
    expect(asked).toEqual([undefined]);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(2_000_000_000n);
  });
});
