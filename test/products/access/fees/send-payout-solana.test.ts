import { Keypair } from "@solana/web3.js";
import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOCAL_USDC_MINT } from "../../../../sandbox/parts/surfnet.ts";
import {
  broadcastTransaction,
  checkTransaction,
} from "../../../../src/integrations/chains/outgoing/outgoing-transactions.ts";
import { readBalance } from "../../../../src/ledger/balances.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { preparePayout, recordPayout } from "../../../../src/products/access/fees/send-payout.ts";
import { startPayouts } from "../../../../src/products/access/fees/start-payouts.ts";
import { type SolanaWorld, startSolanaWorld, until } from "../../../integrations/chains/solana/solana-world.ts";
import { newCustomer, solanaMissing } from "../../../support/solana.ts";
import { type Sales, salesIn } from "./fees-world.ts";

describe.skipIf(solanaMissing)("a payout on Solana", { timeout: 120_000 }, () => {
  let world: SolanaWorld;
  let owner: Knex;
  let sales: Sales;
  beforeAll(async () => {
    world = await startSolanaWorld();
    owner = openDatabase(world.ownerUrl, { maxConnections: 2, name: "test-owner" });
    sales = salesIn({ ...world, owner });
  });
  afterAll(async () => {
    await owner?.destroy();
    await world?.stop();
  });

  const needs = () => ({
    ...world,
    networks: [world.network],
    payoutMinimum: parseDollars("1"),
    clock: { now: () => Date.now() + 2 * 86_400_000 },
  });

  it("goes from the settlement wallet to the merchant, paid for by the vendor wallet, once", async () => {
    const merchantId = await sales.merchant({ mode: "custodial" });
    const wallet = Keypair.generate().publicKey.toBase58();
    const network = world.network.id;
    await world.database("merchant_wallets").insert({ merchant_id: merchantId, network, address: wallet });
    await sales.sell({ merchantId, units: 5_000_000n, at: new Date(), mode: "custodial", network });
    const customer = await newCustomer(world.solana.rpc);
    await customer.pay({ to: world.signer.settlementWallet, units: 5_000_000n });
    const held = (address: string) => world.chain.readTokenBalance({ token: LOCAL_USDC_MINT, owner: address });
    await until(
      () => held(world.signer.settlementWallet),
      (units) => units === 5_000_000n,
    );
    const [payoutId = ""] = await startPayouts(needs(), { merchantId, skipWalletRest: false });
    const { transactionId } = await preparePayout(needs(), { payoutId });
    if (transactionId === null) throw new Error("nothing is to be sent");
    expect((await preparePayout(needs(), { payoutId })).transactionId).toBe(transactionId);
    const sent = { outgoingTransactionId: transactionId };
    await broadcastTransaction(world, sent);
    await broadcastTransaction(world, sent);
    await until(
      () => checkTransaction(world, sent),
      ({ state }) => state === "mined",
    );
    expect(await recordPayout(needs(), { payoutId })).toMatchObject({ outcome: "paid" });
    expect(await recordPayout(needs(), { payoutId })).toMatchObject({ outcome: "paid" });
    expect([await held(wallet), await held(world.signer.settlementWallet)]).toEqual([4_900_000n, 100_000n]);
    expect((await readBalance(world.database, accounts.merchantPayable(merchantId))).available).toBe(0n);
    expect(await sales.debitBalance(accounts.settlementWallet(network, "USDC"))).toBe(100_000_000n);
  });

  it("is signed only as its row says", async () => {
    const transfer = {
      kind: "sponsored_transfer",
      mint: LOCAL_USDC_MINT,
      decimals: 6,
      from: world.signer.settlementWallet,
      to: Keypair.generate().publicKey.toBase58(),
      amountUnits: "1",
      blockhash: "11111111111111111111111111111111",
      lastValidBlockHeight: 1,
      createsAccount: false,
    } as const;
    for (const pays of [undefined, { payoutId: "pout_none" }]) {
      const order = pays === undefined ? transfer : { ...transfer, pays };
      await expect(world.signer.signSponsoredTransfer?.("settlement", order)).rejects.toMatchObject({
        code: "destination_refused",
      });
    }
  });
});
