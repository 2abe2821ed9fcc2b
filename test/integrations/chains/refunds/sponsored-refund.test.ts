import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOCAL_USDC_MINT } from "../../../../sandbox/parts/surfnet.ts";
import { readDeposits, scanDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import {
  broadcastTransaction,
  checkTransaction,
} from "../../../../src/integrations/chains/outgoing/outgoing-transactions.ts";
import { reconcileToken } from "../../../../src/integrations/chains/reconciliation/reconcile-chain.ts";
import { prepareRefund, recordRefund } from "../../../../src/integrations/chains/refunds/refund.ts";
import { requestRemainderRefund } from "../../../../src/integrations/chains/refunds/refund-requests.ts";
import { openChains } from "../../../../src/integrations/chains/registry.ts";
import { recordSweep } from "../../../../src/integrations/chains/sweeps/record-sweep.ts";
import { prepareSweep } from "../../../../src/integrations/chains/sweeps/sweep.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { newCustomer, solanaMissing } from "../../../support/solana.ts";
import { newSolanaPayee, type SolanaWorld, startSolanaWorld, until } from "../solana/solana-world.ts";

describe.skipIf(solanaMissing)("sending a Solana deposit back", { timeout: 120_000 }, () => {
  let world: SolanaWorld & { readonly chains: ReturnType<typeof openChains> };
  beforeAll(async () => {
    const started = await startSolanaWorld();
    world = { ...started, chains: openChains([{ network: started.network, rpcUrl: started.solana.rpc }]) };
  });
  afterAll(() => world?.stop());

  const paid = async (units: bigint) => {
    const payee = await newSolanaPayee(world);
    const sender = await newCustomer(world.solana.rpc);
    await sender.pay({ to: payee.address, units });
    await until(
      async () => {
        await scanDeposits(world);
        return readDeposits(world.database, payee);
      },
      ([deposit]) => deposit?.status === "confirmed",
    );
    return { payee, sender };
  };
  const mined = async (outgoingTransactionId: string) => {
    await broadcastTransaction(world, { outgoingTransactionId });
    await until(
      () => checkTransaction(world, { outgoingTransactionId }),
      ({ state }) => state === "mined",
    );
  };
  const refundOf = async (payee: Awaited<ReturnType<typeof paid>>["payee"], dollars: bigint) => {
    const [refund] = await world.database.transaction((transaction) =>
      requestRemainderRefund(transaction, world, {
        key: `test:${payee.purchaseId}`,
        account: accounts.purchase(payee.purchaseId),
        depositAddressId: payee.depositAddressId,
        amount: nanodollars(dollars * 1_000_000_000n),
      }),
    );
    if (refund === undefined) throw new Error("no refund was made");
    return refund;
  };
  const pay = async (refundId: string) => {
    const { transactionId } = await prepareRefund(world, { refundId });
    if (transactionId === null) throw new Error("the refund has no transaction");
    expect((await prepareRefund(world, { refundId })).transactionId).toBe(transactionId);
    await mined(transactionId);
    expect(await recordRefund(world, { refundId })).toMatchObject({ outcome: "paid" });
  };
  const held = (owner: string) => world.chain.readTokenBalance({ token: LOCAL_USDC_MINT, owner });

  it("goes from the deposit address to its sender while the tokens are there", async () => {
    const { payee, sender } = await paid(5_000_000n);
    const before = await held(sender.address);
    const refund = await refundOf(payee, 3n);
    expect(refund.destination).toBe(sender.address);
    await pay(refund.id);
    expect((await held(sender.address)) - before).toBe(3_000_000n);
    expect(await held(payee.address)).toBe(2_000_000n);
  });

  it("goes from the vendor wallet when they were swept", async () => {
    const { payee, sender } = await paid(4_000_000n);
    const plan = await prepareSweep(world, payee);
    if (plan.state !== "prepared") throw new Error(`the sweep is ${plan.state}`);
    await mined(plan.outgoingTransactionId);
    await recordSweep(world, plan);
    const [before, vendor] = [await held(sender.address), await held(world.signer.vendorWallet)];
    await pay((await refundOf(payee, 4n)).id);
    expect((await held(sender.address)) - before).toBe(4_000_000n);
    expect(vendor - (await held(world.signer.vendorWallet))).toBe(4_000_000n);
  });

  it("is never signed for somebody the chain does not know as the sender, nor for more than came", async () => {
    const { payee } = await paid(2_000_000n);
    const [deposit] = await readDeposits(world.database, payee);
    const stranger = await newCustomer(world.solana.rpc);
    const order = {
      mint: LOCAL_USDC_MINT,
      decimals: 6,
      from: payee.address,
      feePayer: world.signer.vendorWallet,
      refunds: { transactionHash: deposit?.transactionHash ?? "", receivedAt: payee },
    };
    for (const wrong of [
      { to: stranger.address, amountUnits: "2000000" },
      { to: deposit?.fromAddress ?? "", amountUnits: "2000001" },
    ]) {
      const blockhash = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG";
      const facts = { kind: "sponsored_transfer", blockhash, lastValidBlockHeight: 1, createsAccount: false } as const;
      const signed = world.signer.signSponsoredTransfer?.(payee, { ...order, ...wrong, ...facts });
      await expect(signed).rejects.toMatchObject({ code: "destination_refused" });
    }
  });

  it("leaves books that the chain agrees with to the last unit", async () => {
    const [token] = world.network.tokens;
    if (token === undefined) throw new Error("the network lists no token");
    await scanDeposits(world);
    const found = await until(
      () => reconcileToken(world, { token }),
      (answer) => answer?.status !== "unsettled",
    );
    expect(found).toMatchObject({ status: "sound", driftUnits: 0n, drifts: [], places: 3 });
    expect(found?.foundUnits).toBe(found?.expectedUnits);
  });
});
