import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { reverseDeposit } from "../../../../src/integrations/chains/deposits/reverse-deposit.ts";
import { prepareRefund } from "../../../../src/integrations/chains/refunds/refund.ts";
import { requestRemainderRefund } from "../../../../src/integrations/chains/refunds/refund-requests.ts";
import { findRefund } from "../../../../src/integrations/chains/refunds/refund-store.ts";
import { openChains } from "../../../../src/integrations/chains/registry.ts";
import { accounts, parseAccountName } from "../../../../src/ledger/chart-of-accounts.ts";
import { usageMetered } from "../../../../src/ledger/postings/usage.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf } from "../books.ts";
import { type ChainWorld, ONE_DOLLAR, paidPayee, startChainWorld } from "../chain-world.ts";

const DOLLAR = 1_000_000_000n;

describe.skipIf(evmMissing !== undefined)("taking a credit back", () => {
  let world: ChainWorld;
  beforeAll(async () => {
    world = await startChainWorld();
  });
  afterAll(() => world.stop());

  const credited = async (dollars: bigint) => {
    const payee = await paidPayee(world, dollars * ONE_DOLLAR);
    const [deposit] = await readDeposits(world.database, payee);
    if (deposit === undefined) throw new Error("nothing was credited");
    return { payee, deposit, account: accounts.purchase(payee.purchaseId) };
  };
  const reverse = (deposit: Awaited<ReturnType<typeof credited>>["deposit"]) =>
    reverseDeposit(world, { deposit, reason: "block_replaced" });

  it("happens once, however many take it back at the same time as it is spent, and ends at the credit line", async () => {
    const { deposit, account } = await credited(10n);
    const lost = await balanceOf(world, accounts.badDebt("purchases"));
    const spend = (eventId: string) =>
      world.ledger.post(
        usageMetered({ account, family: "purchases", eventId, quantity: "1", unit: "GB", amount: nanodollars(DOLLAR) }),
      );
    const spending = Array.from({ length: 10 }, (_, place) => spend(`e${place}`));
    const reversing = [reverse(deposit), reverse(deposit), reverse(deposit)];
    const spent = (await Promise.allSettled(spending)).filter(({ status }) => status === "fulfilled").length;
    expect((await Promise.all(reversing)).filter(Boolean)).toHaveLength(1);
    expect(await balanceOf(world, account)).toBe(0n);
    expect(await balanceOf(world, accounts.badDebt("purchases"))).toBe(lost + BigInt(spent) * DOLLAR);
  });

  it("does not happen to a deposit that is final, or that another has in the meantime", async () => {
    const { deposit, account } = await credited(2n);
    expect(await reverse({ ...deposit, account: "purchase/other" })).toBe(false);
    await world.database.raw("UPDATE deposits SET final_at = now() WHERE id = ?", [deposit.id]);
    expect(await reverse(deposit)).toBe(false);
    expect(await balanceOf(world, account)).toBe(2n * DOLLAR);
  });

  it("is all loss where the money was sent back already", async () => {
    const { deposit, account } = await credited(3n);
    const lost = await balanceOf(world, accounts.badDebt("purchases"));
    await world.database.raw("UPDATE deposits SET status = 'refunded' WHERE id = ?", [deposit.id]);
    expect(await reverse({ ...deposit, status: "refunded" })).toBe(true);
    expect(await balanceOf(world, account)).toBe(3n * DOLLAR);
    expect(await balanceOf(world, accounts.badDebt("purchases"))).toBe(lost + 3n * DOLLAR);
  });

  const promised = async (deposit: Awaited<ReturnType<typeof credited>>["deposit"], amount: bigint) => {
    const chains = openChains([{ network: world.network, rpcUrl: world.evm.rpc }]);
    const [refund] = await world.database.transaction((transaction) =>
      requestRemainderRefund(
        transaction,
        { ledger: world.ledger, chains },
        {
          key: deposit.id,
          account: parseAccountName(deposit.account),
          depositAddressId: deposit.depositAddressId ?? "",
          amount: nanodollars(amount),
        },
      ),
    );
    if (refund === undefined) throw new Error("no refund");
    return refund;
  };

  it("gives up a refund of it that nobody signed: no money is left that never came", async () => {
    const books = () =>
      Promise.all([
        balanceOf(world, accounts.badDebt("purchases")),
        balanceOf(world, accounts.depositWallet(world.network.id, "USDC")),
      ]);
    const { deposit, account } = await credited(5n);
    const [lost, held] = await books();
    const refund = await promised(deposit, 4n * DOLLAR);
    expect(await balanceOf(world, account)).toBe(DOLLAR);
    expect(await reverse(deposit)).toBe(true);
    expect(await balanceOf(world, account)).toBe(0n);
    expect(await books()).toEqual([lost, held - 5n * DOLLAR]);
    expect(await findRefund(world.database, refund.id)).toMatchObject({ status: "refused" });
    expect(await prepareRefund(world, { refundId: refund.id })).toMatchObject({ transactionId: null });
  });

  it("does not wait for a refund of the same deposit that waits for it", async () => {
    for (const dollars of [2n, 3n, 4n]) {
      const { deposit, account } = await credited(dollars);
      const [reversed] = await Promise.allSettled([reverse(deposit), promised(deposit, dollars * DOLLAR)]);
      expect(reversed).toMatchObject({ status: "fulfilled", value: true });
      expect(await balanceOf(world, account)).toBe(0n);
    }
  });
});
