import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prepareRefund } from "../../../../src/integrations/chains/refunds/refund.ts";
import { refuseRefund } from "../../../../src/integrations/chains/refunds/refund-decisions.ts";
import { requestRemainderRefund } from "../../../../src/integrations/chains/refunds/refund-requests.ts";
import type { Refund } from "../../../../src/integrations/chains/refunds/refund-store.ts";
import { openChains } from "../../../../src/integrations/chains/registry.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { evmMissing } from "../../../support/evm.ts";
import { balanceOf } from "../books.ts";
import { type ChainWorld, ONE_DOLLAR, type Payee, paidPayee, pay, startChainWorld, withChain } from "../chain-world.ts";

const DOLLAR = 1_000_000_000n;

describe.skipIf(evmMissing !== undefined)("a refund that is given up while it is being signed", () => {
  let world: ChainWorld & { readonly chains: ReturnType<typeof openChains> };
  beforeAll(async () => {
    const started = await startChainWorld();
    world = { ...started, chains: openChains([{ network: started.network, rpcUrl: started.evm.rpc }]) };
  });
  afterAll(() => world.stop());

  const promised = async (payee: Payee): Promise<Refund> => {
    const [refund] = await world.database.transaction((transaction) =>
      requestRemainderRefund(transaction, world, {
        key: payee.purchaseId,
        account: accounts.purchase(payee.purchaseId),
        depositAddressId: payee.depositAddressId,
        amount: nanodollars(2n * DOLLAR),
      }),
    );
    if (refund === undefined) throw new Error("no refund");
    return refund;
  };
  const refuse = ({ id }: Refund) =>
    world.database.transaction((transaction) => refuseRefund(transaction, world, { refundId: id }));
  const transactionsOf = async ({ id, sweepId }: Refund): Promise<number> => {
    const { rows } = await world.database.raw<{ rows: unknown[] }>(
      "SELECT FROM outgoing_transactions WHERE refund_id = :id OR sweep_id = :sweepId",
      { id, sweepId },
    );
    return rows.length;
  };
  /** A chain at which somebody gives the refund up at the last question before its transaction is stored. */
  const refusedBy = (refund: Refund) => ({
    ...world,
    chain: withChain(world.chain, {
      quoteAuthorizedTransfer: async (call) => {
        const quote = await world.chain.quoteAuthorizedTransfer(call);
        await refuse(refund);
        return quote;
      },
      quoteTokenTransfer: async (call) => {
        const quote = await world.chain.quoteTokenTransfer(call);
        await refuse(refund);
        return quote;
      },
    }),
  });

  it("is not sent from its deposit address: the balance has the money again, once", async () => {
    const payee = await paidPayee(world, 2n * ONE_DOLLAR);
    const refund = await promised(payee);
    await expect(prepareRefund(refusedBy(refund), { refundId: refund.id })).rejects.toMatchObject({
      code: "refund_closed",
    });
    expect(await balanceOf(world, accounts.purchase(payee.purchaseId))).toBe(2n * DOLLAR);
    expect(await transactionsOf(refund)).toBe(0);
    expect(await prepareRefund(world, { refundId: refund.id })).toMatchObject({
      status: "refused",
      transactionId: null,
    });
  });

  it("is not sent from the vendor wallet either", async () => {
    const payee = await paidPayee(world, 2n * ONE_DOLLAR);
    const refund = await promised(payee);
    await world.database.raw("UPDATE refunds SET sweep_id = NULL WHERE id = ?", [refund.id]);
    const fromVendor = { ...refund, sweepId: null };
    await pay(world, { to: world.signer.vendorWallet, units: 2n * ONE_DOLLAR });
    await expect(prepareRefund(refusedBy(fromVendor), { refundId: refund.id })).rejects.toMatchObject({
      code: "refund_closed",
    });
    expect(await transactionsOf(fromVendor)).toBe(0);
  });
});
