import { Wallet } from "ethers";
import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Chain } from "../../../../src/integrations/chains/chain.ts";
import { scanDeposits } from "../../../../src/integrations/chains/deposits/deposits.ts";
import { broadcastTransaction } from "../../../../src/integrations/chains/outgoing/outgoing-transactions.ts";
import { reconcileChains } from "../../../../src/integrations/chains/reconciliation/reconcile-chains.ts";
import { listLatestReconciliations } from "../../../../src/integrations/chains/reconciliation/reconciliation-store.ts";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { preparePayout, recordPayout } from "../../../../src/products/access/fees/send-payout.ts";
import { findClaimedUnits, readSettlementBooks } from "../../../../src/products/access/fees/settlement-books-store.ts";
import { startPayouts } from "../../../../src/products/access/fees/start-payouts.ts";
import { type Sales, salesIn } from "../../../products/access/fees/fees-world.ts";
import { evmMissing } from "../../../support/evm.ts";
import { type ChainWorld, ONE_DOLLAR, pay, startChainWorld, waitUntilMined, withChain } from "../chain-world.ts";

const AGO_MS = 600_000;

describe.skipIf(evmMissing !== undefined)("a settlement wallet compared with the books", { timeout: 120_000 }, () => {
  let world: ChainWorld;
  let owner: Knex;
  let sales: Sales;
  let merchantId: string;
  beforeAll(async () => {
    world = await startChainWorld();
    owner = openDatabase(world.ownerUrl, { maxConnections: 2, name: "test-owner" });
    sales = salesIn({ ...world, owner });
    merchantId = await sales.merchant({ mode: "custodial" });
    const address = Wallet.createRandom().address;
    await world.database("merchant_wallets").insert({ merchant_id: merchantId, network: world.network.id, address });
    await world.evm.mine(world.network.finalityBlocks + 2);
    await compare();
  });
  afterAll(async () => {
    await owner?.destroy();
    await world?.stop();
  });

  const compare = async (chain: Chain = world.chain) => {
    const { database, signer } = world;
    await scanDeposits(world);
    const settlement = {
      wallet: signer.settlementWallet,
      readBooks: (place: Parameters<typeof readSettlementBooks>[1]) => readSettlementBooks(database, place),
      findClaimed: (question: Parameters<typeof findClaimedUnits>[1]) => findClaimedUnits(database, question),
    };
    const needs = { database, chains: [chain], settlementOf: () => settlement };
    return reconcileChains(needs, { pauseMilliseconds: 1 });
  };
  const latest = async () => (await listLatestReconciliations(world.database)).find(({ token }) => token === "USDC");
  const come = (units: bigint) => pay(world, { to: world.signer.settlementWallet, units });
  const finalize = () => world.evm.mine(world.network.finalityBlocks + 1);
  /** A settled payment, and the transaction that brought its tokens. */
  const sell = async (units: bigint, transaction: string) => {
    const at = new Date(Date.now() - AGO_MS);
    const sale = { merchantId, units, at, mode: "custodial", network: world.network.id } as const;
    const { paymentId } = await sales.sell(sale);
    await owner("access_payments").where({ id: paymentId }).update({ transaction });
    return paymentId;
  };
  /** A node that says the wallet holds so much more, or less. */
  const holding = (more: bigint) =>
    withChain(world.chain, {
      readTokenBalance: async (question) =>
        (await world.chain.readTokenBalance(question)) + (question.token === world.evm.usdc ? more : 0n),
    });

  it("is sound with payments in it, however young their blocks are", async () => {
    await sell(5n * ONE_DOLLAR, await come(5n * ONE_DOLLAR));
    expect(await compare()).toMatchObject({ sound: true });
    await finalize();
    expect(await compare()).toMatchObject({ sound: true });
    expect(await latest()).toMatchObject({ status: "sound", foreignUnits: 0n });
  });

  it("raises no alarm for a payment under way, on either side of its transfer", async () => {
    const id = await sell(2n * ONE_DOLLAR, await come(2n * ONE_DOLLAR));
    await owner("access_payments").where({ id }).update({ resolved_at: new Date() });
    expect(await compare(holding(-2n * ONE_DOLLAR))).toMatchObject({ sound: true });
    await owner("access_payments")
      .where({ id })
      .update({ resolved_at: new Date(Date.now() - AGO_MS) });
    // Its tokens came, and who sent them has not shown it yet.
    const claimedLater = await come(3n * ONE_DOLLAR);
    expect(await compare()).toMatchObject({ sound: true });
    await sell(3n * ONE_DOLLAR, claimedLater);
    await finalize();
    expect(await compare()).toMatchObject({ sound: true });
    expect(await latest()).toMatchObject({ foreignUnits: 0n });
  });

  it("tells strangers' tokens apart, tells operators once, and takes none for ours", async () => {
    const transaction = await come(7n);
    await finalize();
    const found = await compare();
    expect(found).toMatchObject({ sound: true, summary: expect.stringContaining("7 base units in the settlement") });
    expect(await latest()).toMatchObject({ status: "sound", foreignUnits: 7n });
    const alerts = () => world.database("operator_alerts").where({ code: "foreign_deposit" });
    expect(await alerts()).toEqual([]);
    await owner("foreign_deposits").update({ seen_at: new Date(Date.now() - 7_200_000) });
    for (let hour = 0; hour < 3; hour += 1) expect(await compare()).toMatchObject({ sound: true });
    expect(await alerts()).toMatchObject([{ text: expect.stringContaining(transaction) }]);
    // They hide no theft of as much, and who claims them late has paid.
    expect(await compare(holding(-7n))).toMatchObject({ sound: false });
    await sell(7n, transaction);
    expect(await compare()).toMatchObject({ sound: true });
    expect(await latest()).toMatchObject({ foreignUnits: 0n });
  });

  it("names the wallet when it holds a unit less than it must", async () => {
    const text = `settlement wallet ${world.signer.settlementWallet} holds`;
    expect(await compare(holding(-1n))).toMatchObject({ sound: false, summary: expect.stringContaining(text) });
    expect(await latest()).toMatchObject({ status: "drift", driftUnits: 1n });
    expect(await world.database("operator_alerts").where({ code: "chain_drift", resolved_at: null })).toHaveLength(1);
    expect(await compare()).toMatchObject({ sound: true });
  });

  it("is sound at every step of a payout", async () => {
    const networks = [world.network];
    const needs = { ...world, networks, payoutMinimum: parseDollars("1"), clock: { now: Date.now } };
    const [payoutId = ""] = await startPayouts(needs, { merchantId, skipWalletRest: true });
    expect(await compare()).toMatchObject({ sound: true });
    const { transactionId } = await preparePayout(needs, { payoutId });
    const sent = { outgoingTransactionId: transactionId ?? "" };
    await broadcastTransaction(world, sent);
    expect(await compare()).toMatchObject({ sound: true });
    await waitUntilMined(world, sent);
    expect(await compare()).toMatchObject({ sound: true });
    await recordPayout(needs, { payoutId });
    expect(await compare()).toMatchObject({ sound: true });
    await owner("access_payouts").update({ paid_at: new Date(Date.now() - AGO_MS) });
    expect(await compare()).toMatchObject({ sound: true });
    expect(await compare(holding(-1n))).toMatchObject({ sound: false });
  });
});
