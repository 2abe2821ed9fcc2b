import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scanDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { broadcastRefund, prepareRefund, recordRefund } from "../../../../src/integrations/chains/refunds/refund.ts";
import {
  confirmRefundDestination,
  refuseRefund,
} from "../../../../src/integrations/chains/refunds/refund-decisions.ts";
import {
  requestDepositRefund,
  requestRemainderRefund,
} from "../../../../src/integrations/chains/refunds/refund-requests.ts";
import type { Refund } from "../../../../src/integrations/chains/refunds/refund-store.ts";
import { openChains } from "../../../../src/integrations/chains/registry.ts";
import { recordSweep } from "../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf, wakesOf } from "../books.ts";
import {
  type ChainWorld,
  newPayee,
  ONE_DOLLAR,
  type Payee,
  paidPayee,
  pay,
  prepareOpen,
  send,
  signerWithTreasury,
  startChainWorld,
  tokenBalance,
  waitUntilMined,
  withChain,
} from "../chain-world.ts";

const COLD_WALLET = "0x1111111111111111111111111111111111111111";
const dollars = (whole: number) => nanodollars(BigInt(whole) * 1_000_000_000n);

describe.skipIf(evmMissing !== undefined)("sending deposits back", () => {
  let world: ChainWorld & { readonly chains: ReturnType<typeof openChains> };
  beforeAll(async () => {
    const started = await startChainWorld();
    world = { ...started, chains: openChains([{ network: started.network, rpcUrl: started.evm.rpc }]) };
  });
  afterAll(() => world.stop());

  const ask = (payee: Payee, input: { readonly key: string; readonly amount: number }) =>
    world.database.transaction((transaction) =>
      requestRemainderRefund(transaction, world, {
        key: input.key,
        account: accounts.purchase(payee.purchaseId),
        depositAddressId: payee.depositAddressId,
        amount: dollars(input.amount),
      }),
    );
  const deposits = async (payee: Payee) => {
    const { rows } = await world.database.raw<{ rows: { id: string; status: string; refunded: string }[] }>(
      `SELECT id, status, refunded_units AS refunded FROM deposits WHERE deposit_address_id = ? ORDER BY observed_at, id`,
      [payee.depositAddressId],
    );
    return rows;
  };
  /** Puts a payee's only deposit into suspense, as if its purpose were unknown. */
  const suspend = async (payee: Payee, token?: string): Promise<string> => {
    const [deposit] = await deposits(payee);
    const id = deposit?.id ?? "";
    await world.ledger.post({
      kind: "adjustment",
      idempotencyKey: `test:${id}`,
      postings: [
        { account: accounts.purchase(payee.purchaseId), side: "debit", amount: dollars(token === undefined ? 3 : 1) },
        { account: accounts.suspense("late"), side: "credit", amount: dollars(token === undefined ? 3 : 1) },
      ],
    });
    await world.database.raw("UPDATE deposits SET status = 'suspense', account = 'suspense/late' WHERE id = ?", [id]);
    return id;
  };
  const requestDeposit = (depositId: string, key: string) =>
    world.database.transaction((transaction) => requestDepositRefund(transaction, world, { key, depositId }));
  /** The steps of a refund until it is paid, as its workflow goes them. */
  const deliver = async (refund: Pick<Refund, "id">): Promise<number> => {
    for (let rounds = 1; rounds < 5; rounds += 1) {
      const { transactionId } = await prepareRefund(world, { refundId: refund.id });
      if (transactionId !== null) {
        await broadcastRefund(world, { outgoingTransactionId: transactionId });
        await waitUntilMined(world, { outgoingTransactionId: transactionId });
      }
      if ((await recordRefund(world, { refundId: refund.id })).outcome === "paid") return rounds;
    }
    throw new Error("the refund did not end");
  };

  it("sends a whole deposit in suspense from its address to its sender, once, and the books follow", async () => {
    const payee = await paidPayee(world, 3n * ONE_DOLLAR);
    const id = await suspend(payee);
    const [held, faucet] = [
      await balanceOf(world, accounts.depositWallet(world.network.id, "USDC")),
      await tokenBalance(world, world.evm.faucetAddress),
    ];
    const [refund] = await requestDeposit(id, "a:1");
    expect(await requestDeposit(id, "a:1")).toEqual([refund]);
    expect(refund).toMatchObject({ status: "open", amount: 3_000_000_000n, destination: world.evm.faucetAddress });
    expect(await balanceOf(world, accounts.suspense("late"))).toBe(0n);
    expect(await balanceOf(world, accounts.depositWallet(world.network.id, "USDC"))).toBe(held - 3_000_000_000n);
    expect(await wakesOf(world, `refund/${refund?.id}`)).toBe(1);
    if (refund === undefined) throw new Error("no refund");
    await deliver(refund);
    expect((await tokenBalance(world, world.evm.faucetAddress)) - faucet).toBe(3n * ONE_DOLLAR);
    expect(await recordRefund(world, { refundId: refund.id })).toEqual({ outcome: "paid", gasCost: "0" });
    expect(await prepareRefund(world, { refundId: refund.id })).toMatchObject({ status: "paid", transactionId: null });
    expect(await deposits(payee)).toMatchObject([{ status: "refunded" }]);
    await expect(requestDeposit(id, "a:2")).rejects.toMatchObject({ code: "refund_not_possible" });
  });

  it("sends what is left of a balance back over the newest deposits, and sweeps only the rest", async () => {
    const payee = await paidPayee(world, 2n * ONE_DOLLAR);
    await pay(world, { to: payee.address, units: 5n * ONE_DOLLAR });
    await scanDeposits(world);
    const refunds = await ask(payee, { key: "b:1", amount: 6 });
    expect(refunds.map(({ amountUnits }) => amountUnits)).toEqual([5n * ONE_DOLLAR, ONE_DOLLAR]);
    expect(await ask(payee, { key: "b:1", amount: 6 })).toEqual(refunds);
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(1_000_000_000n);
    const sweep = await prepareOpen(world, payee);
    expect(sweep.amountUnits).toBe("1000000");
    for (const refund of refunds) await deliver(refund);
    await send(world, sweep);
    expect(await recordSweep(world, sweep)).toMatchObject({ outcome: "swept" });
    expect(await tokenBalance(world, payee.address)).toBe(0n);
  });

  it("never promises more than was deposited, nor more than the balance", async () => {
    const payee = await paidPayee(world, 2n * ONE_DOLLAR);
    const [refund, ...more] = await ask(payee, { key: "c:1", amount: 1 });
    expect(more).toEqual([]);
    await expect(ask(payee, { key: "c:2", amount: 9 })).resolves.toMatchObject([{ amountUnits: ONE_DOLLAR }]);
    expect(await ask(payee, { key: "c:3", amount: 9 })).toEqual([]);
    expect(refund).toMatchObject({ amountUnits: ONE_DOLLAR });
    const poor = await paidPayee(world, ONE_DOLLAR);
    await world.ledger.post({
      kind: "adjustment",
      idempotencyKey: "test:spent",
      postings: [
        { account: accounts.purchase(poor.purchaseId), side: "debit", amount: dollars(1) },
        { account: accounts.revenue("purchases"), side: "credit", amount: dollars(1) },
      ],
    });
    await expect(ask(poor, { key: "c:4", amount: 1 })).rejects.toMatchObject({ code: "insufficient_funds" });
    expect(await deposits(poor)).toMatchObject([{ refunded: "0" }]);
  });

  it("pays from the vendor wallet what was swept, and books its gas", async () => {
    const payee = await paidPayee(world, 4n * ONE_DOLLAR);
    const sweep = await prepareOpen(world, payee);
    await send(world, sweep);
    await recordSweep(world, sweep);
    const treasury = accounts.treasury(world.network.id, "USDC");
    const [held, coins] = [await balanceOf(world, treasury), await tokenBalance(world, world.signer.vendorWallet)];
    const [refund] = await ask(payee, { key: "d:1", amount: 3 });
    if (refund === undefined) throw new Error("no refund");
    const [first, same] = await Promise.all([1, 2].map(() => prepareRefund(world, { refundId: refund.id })));
    expect(same).toEqual(first);
    expect(await deliver(refund)).toBe(1);
    expect(await balanceOf(world, treasury)).toBe(held - 3_000_000_000n);
    expect(await tokenBalance(world, world.signer.vendorWallet)).toBe(coins - 3n * ONE_DOLLAR);
  });

  it("gives a token that needs gas its gas first", async () => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units: ONE_DOLLAR, token: world.evm.usdt });
    await scanDeposits(world);
    const [refund] = await ask(payee, { key: "e:1", amount: 1 });
    if (refund === undefined) throw new Error("no refund");
    expect(await deliver(refund)).toBe(2);
    expect(await world.chain.readTokenBalance({ token: world.evm.usdt, owner: payee.address })).toBe(0n);
  });

  it("sends a token nobody knows back without a ledger entry", async () => {
    const payee = await newPayee(world);
    await pay(world, { to: payee.address, units: ONE_DOLLAR, token: world.evm.usdt });
    await scanDeposits(world);
    const id = await suspend(payee, world.evm.usdt);
    await world.database.raw("UPDATE deposits SET kind = 'unknown_token' WHERE id = ?", [id]);
    const tokens = world.network.tokens.filter(({ symbol }) => symbol !== "USDT");
    const network = { ...world.network, tokens };
    const stranger = {
      ...world,
      chain: withChain(world.chain, { network }),
      chains: openChains([{ network, rpcUrl: world.evm.rpc }]),
    };
    const [refund] = await world.database.transaction((transaction) =>
      requestDepositRefund(transaction, stranger, { key: "f:1", depositId: id }),
    );
    expect(refund).toMatchObject({ amount: null, entryId: null });
    if (refund === undefined) throw new Error("no refund");
    for (let round = 0; round < 2; round += 1) {
      const { transactionId } = await prepareRefund(stranger, { refundId: refund.id });
      await broadcastRefund(stranger, { outgoingTransactionId: transactionId ?? "" });
      await waitUntilMined(world, { outgoingTransactionId: transactionId ?? "" });
      await recordRefund(stranger, { refundId: refund.id });
    }
    expect(await prepareRefund(stranger, { refundId: refund.id })).toMatchObject({ status: "paid" });
  });

  it("waits for an operator when the sender is a contract, and goes on once one vouched for it", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const [refund] = await ask(payee, { key: "g:1", amount: 1 });
    const refundId = refund?.id ?? "";
    const exchange = { ...world, chain: withChain(world.chain, { isContract: async () => true }) };
    await expect(prepareRefund(exchange, { refundId })).rejects.toMatchObject({
      code: "sender_is_contract",
      status: 409,
    });
    await world.database.transaction((transaction) =>
      confirmRefundDestination(transaction, { refundId, actor: "ada" }),
    );
    expect(await wakesOf(world, `refund/${refundId}`)).toBe(2);
    expect((await prepareRefund(exchange, { refundId })).transactionId).not.toBeNull();
  });

  it("tells contracts from keys, also from a key that lent its account a contract's code (C16)", async () => {
    expect(await world.chain.isContract?.(world.evm.usdc)).toBe(true);
    expect(await world.chain.isContract?.(world.evm.faucetAddress)).toBe(false);
    const lent = `0xef0100${world.evm.usdc.slice(2)}`;
    await world.provider.send("anvil_setCode", ["0x2222222222222222222222222222222222222222", lent]);
    expect(await world.chain.isContract?.("0x2222222222222222222222222222222222222222")).toBe(false);
  });

  it("says where the tokens are when the treasury is cold, and goes on when they came to the vendor wallet", async () => {
    const cold = { ...world, signer: await signerWithTreasury(world, COLD_WALLET) };
    const payee = await paidPayee(world, 600n * ONE_DOLLAR);
    const sweep = await prepareOpen(cold, payee);
    await send(world, sweep);
    await recordSweep(world, sweep);
    const [refund] = await ask(payee, { key: "h:1", amount: 600 });
    const refundId = refund?.id ?? "";
    await expect(prepareRefund(cold, { refundId })).rejects.toMatchObject({ code: "treasury_is_cold" });
    await expect(prepareRefund(world, { refundId })).rejects.toMatchObject({ code: "refund_awaits_tokens" });
    await pay(world, { to: world.signer.vendorWallet, units: 600n * ONE_DOLLAR });
    expect((await prepareRefund(cold, { refundId })).transactionId).not.toBeNull();
  });

  it("can be refused while nothing is signed: money and deposit are as before", async () => {
    const payee = await paidPayee(world, 3n * ONE_DOLLAR);
    const id = await suspend(payee);
    const late = await balanceOf(world, accounts.suspense("late"));
    const [refund] = await requestDeposit(id, "i:1");
    const refuse = () =>
      world.database.transaction((transaction) => refuseRefund(transaction, world, { refundId: refund?.id ?? "" }));
    await refuse();
    await refuse();
    expect(await balanceOf(world, accounts.suspense("late"))).toBe(late);
    expect(await deposits(payee)).toMatchObject([{ status: "suspense", refunded: "0" }]);
    const [again] = await requestDeposit(id, "i:2");
    await prepareRefund(world, { refundId: again?.id ?? "" });
    await expect(
      world.database.transaction((transaction) => refuseRefund(transaction, world, { refundId: again?.id ?? "" })),
    ).rejects.toMatchObject({ code: "refund_not_possible" });
  });

  it("is refused by the signer when the chain does not say that the destination sent so much there", async () => {
    const payee = await paidPayee(world, ONE_DOLLAR);
    const [refund] = await ask(payee, { key: "j:1", amount: 1 });
    const refundId = refund?.id ?? "";
    await world.database.raw("UPDATE sweeps SET destination = ? WHERE id = ?", [COLD_WALLET, refund?.sweepId ?? ""]);
    await expect(prepareRefund(world, { refundId })).rejects.toMatchObject({ code: "destination_refused" });
    const [swept] = [await paidPayee(world, 2n * ONE_DOLLAR)];
    const sweep = await prepareOpen(world, swept);
    await send(world, sweep);
    await recordSweep(world, sweep);
    const [fromVendor] = await ask(swept, { key: "j:2", amount: 1 });
    await world.database.raw("UPDATE refunds SET amount_units = 2000001 WHERE id = ?", [fromVendor?.id ?? ""]);
    await expect(prepareRefund(world, { refundId: fromVendor?.id ?? "" })).rejects.toMatchObject({
      code: "destination_refused",
    });
  });
});
