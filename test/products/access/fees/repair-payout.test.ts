import { Wallet } from "ethers";
import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findOutgoing } from "../../../../src/integrations/chains/outgoing/outgoing-transaction-store.ts";
import { broadcastTransaction } from "../../../../src/integrations/chains/outgoing/outgoing-transactions.ts";
import { registerChains } from "../../../../src/integrations/chains/registry.ts";
import { readBalance } from "../../../../src/ledger/balances.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { newId } from "../../../../src/platform/ids.ts";
import { selectPayout } from "../../../../src/products/access/fees/payout-store.ts";
import { repairPayout } from "../../../../src/products/access/fees/repair-payout.ts";
import { preparePayout, recordPayout } from "../../../../src/products/access/fees/send-payout.ts";
import { startPayouts } from "../../../../src/products/access/fees/start-payouts.ts";
import {
  type ChainWorld,
  faucet,
  pay,
  startChainWorld,
  tokenBalance,
  waitUntilMined,
  withChain,
} from "../../../integrations/chains/chain-world.ts";
import { evmMissing } from "../../../support/evm.ts";
import { type Sales, salesIn } from "./fees-world.ts";

const UNITS = 5_000_000n;
const NET = 4_900_000n;
const HOUR_MS = 3_600_000;

describe.skipIf(evmMissing)("calling a payout off", { timeout: 120_000 }, () => {
  let world: ChainWorld;
  let owner: Knex;
  let sales: Sales;
  beforeAll(async () => {
    world = await startChainWorld();
    owner = openDatabase(world.ownerUrl, { maxConnections: 2, name: "test-owner" });
    sales = salesIn({ ...world, owner });
  });
  afterAll(async () => {
    await owner?.destroy();
    await world?.stop();
  });

  /** Authorizations signed at `now` end an hour later. */
  const needs = (now = Date.now()) => ({
    ...world,
    networks: [world.network],
    payoutMinimum: parseDollars("1"),
    clock: { now: () => now },
    chains: registerChains([world.chain]),
    settlementWalletOf: () => world.signer.settlementWallet,
  });
  const begin = (merchantId: string) => startPayouts(needs(), { merchantId, skipWalletRest: true });

  async function started({ isFunded }: { readonly isFunded: boolean }) {
    const merchantId = await sales.merchant({ mode: "custodial" });
    const [network, wallet] = [world.network.id, Wallet.createRandom().address];
    await world.database("merchant_wallets").insert({ merchant_id: merchantId, network, address: wallet });
    await sales.sell({ merchantId, units: UNITS, at: new Date(), mode: "custodial", network });
    if (isFunded) await pay(world, { to: world.signer.settlementWallet, units: UNITS });
    const [payoutId = ""] = await begin(merchantId);
    return { merchantId, wallet, payoutId };
  }
  const cancel = (payoutId: string, more: object = {}, on = needs()) => {
    const signed = { requestId: newId("req"), actor: "ops", note: "wrong wallet", action: "cancelPayout" };
    return repairPayout(on, { payoutId, request: { ...signed, ...more } });
  };
  const owed = async (merchantId: string) =>
    (await readBalance(world.database, accounts.merchantPayable(merchantId))).available;
  const inTransit = () => sales.debitBalance(accounts.payoutInTransit(world.network.id, "USDC"));
  const prepared = async (payoutId: string, on = needs()) => {
    const { transactionId } = await preparePayout(on, { payoutId });
    if (transactionId === null) throw new Error("nothing is to be sent");
    return transactionId;
  };
  /** A chain that says its final blocks are of this time. */
  const onlyLater = (at: number) => {
    const { payments } = world.chain;
    if (payments === undefined) throw new Error("the chain has no payments");
    const canStillLand: typeof payments.canStillLand = async (signed) =>
      signed.kind === "evm" && BigInt(Math.floor(at / 1000)) < signed.validBefore;
    const chain = withChain(world.chain, { payments: { ...payments, canStillLand } });
    return { ...needs(at), chains: registerChains([chain]) };
  };

  it("gives what was never signed back to the merchant, once, whoever asks how often", async () => {
    const before = await inTransit();
    const { payoutId, merchantId } = await started({ isFunded: false });
    await expect(preparePayout(needs(), { payoutId })).rejects.toMatchObject({ code: "settlement_wallet_short" });
    const dry = await cancel(payoutId, { dryRun: true });
    expect([dry.data.amount, await owed(merchantId)]).toEqual(["4.9", 0n]);
    const requestId = newId("req");
    const same = await Promise.all([1, 2, 3].map(() => cancel(payoutId, { requestId })));
    expect(new Set(same.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await expect(cancel(payoutId)).rejects.toMatchObject({ code: "payout_not_open" });
    expect([await owed(merchantId), await inTransit()]).toEqual([NET * 1_000n, before]);
    expect(await preparePayout(needs(), { payoutId })).toMatchObject({ isOver: true, status: "cancelled" });
    const written = await owner("operator_actions").where({ subject: `payout/${payoutId}` });
    expect(written).toMatchObject([{ action: "cancelPayout", actor: "ops", note: "wrong wallet" }]);
    const [again = ""] = await begin(merchantId);
    expect(await selectPayout(world.database, again)).toMatchObject({ status: "open", amountUnits: NET });
    await cancel(again);
  });

  it("is one thing or the other for a payout that is prepared at the same moment", async () => {
    for (let round = 0; round < 4; round += 1) {
      const { payoutId, merchantId } = await started({ isFunded: true });
      const [cancelled, sent] = await Promise.allSettled([cancel(payoutId), prepared(payoutId)]);
      expect([cancelled.status, sent.status].sort()).toEqual(["fulfilled", "rejected"]);
      expect(await owed(merchantId)).toBe(cancelled.status === "fulfilled" ? NET * 1_000n : 0n);
    }
  });

  it("is refused while a signed transaction can be mined, and for a payout that is paid", async () => {
    const { payoutId, merchantId, wallet } = await started({ isFunded: true });
    const id = await prepared(payoutId);
    await expect(cancel(payoutId)).rejects.toMatchObject({ members: { reason: "transaction_signed" } });
    const sent = { outgoingTransactionId: id };
    await broadcastTransaction(world, sent);
    await expect(cancel(payoutId)).rejects.toMatchObject({ code: "payout_may_land" });
    await waitUntilMined(world, sent);
    await expect(cancel(payoutId)).rejects.toMatchObject({ members: { reason: "transaction_landed" } });
    await recordPayout(needs(), { payoutId });
    await expect(cancel(payoutId)).rejects.toMatchObject({ code: "payout_not_open", members: { status: "paid" } });
    expect([await owed(merchantId), await tokenBalance(world, wallet)]).toEqual([0n, NET]);
  });

  it("waits until an authorization that was seen by others is over by the chain's own time, and unused", async () => {
    const { payoutId, merchantId } = await started({ isFunded: true });
    // Signed, and then the worker died: nothing was stored.
    const lost = { ...world.signer, signTransaction: () => Promise.reject(new Error("the worker is gone")) };
    await expect(preparePayout({ ...needs(), signer: lost }, { payoutId })).rejects.toThrow("gone");
    await owner("outgoing_transactions").where("key", `payout:${payoutId}:1`).del();
    const { authorizedUntil } = (await selectPayout(world.database, payoutId)) ?? {};
    expect(authorizedUntil?.getTime()).toBeGreaterThan(Date.now());
    await expect(cancel(payoutId)).rejects.toMatchObject({ members: { reason: "authorization_open" } });
    expect(await owed(merchantId)).toBe(0n);
    await cancel(payoutId, {}, onlyLater(Date.now() + 2 * HOUR_MS));
    expect(await owed(merchantId)).toBe(NET * 1_000n);
  });

  it("is refused where somebody used the authorization, whatever the time", async () => {
    const { payoutId, wallet, merchantId } = await started({ isFunded: true });
    const stored = await findOutgoing(world.database, await prepared(payoutId));
    const { to, data } = stored?.unsigned ?? { to: "", data: "" };
    await (await faucet(world).sendTransaction({ to, data })).wait();
    await owner("outgoing_transactions")
      .where("id", stored?.id ?? "")
      .update({ status: "failed" });
    const late = onlyLater(Date.now() + 2 * HOUR_MS);
    await expect(cancel(payoutId, {}, late)).rejects.toMatchObject({ members: { reason: "authorization_used" } });
    expect([await owed(merchantId), await tokenBalance(world, wallet)]).toEqual([0n, NET]);
  });

  it("leaves nothing that could be stored to be sent, even by a worker that began before", async () => {
    const { payoutId } = await started({ isFunded: true });
    await cancel(payoutId);
    const row = { id: newId("otx"), key: `payout:${payoutId}:1`, chain: world.network.id, from_address: "0x1" };
    await expect(world.database("outgoing_transactions").insert({ ...row, unsigned: "{}" })).rejects.toThrow("is over");
  });

  it("is refused without a trace where its input is wrong or there is no such payout", async () => {
    await expect(cancel("pout_none")).rejects.toMatchObject({ code: "payout_not_found" });
    await expect(cancel("pout_none", { action: "forgive" })).rejects.toMatchObject({ code: "invalid_repair" });
  });
});
