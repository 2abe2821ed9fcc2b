import { Wallet } from "ethers";
import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findOutgoing } from "../../../../src/integrations/chains/outgoing/outgoing-transaction-store.ts";
import { broadcastTransaction } from "../../../../src/integrations/chains/outgoing/outgoing-transactions.ts";
import { readBalance } from "../../../../src/ledger/balances.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { selectPayout } from "../../../../src/products/access/fees/payout-store.ts";
import { preparePayout, recordPayout } from "../../../../src/products/access/fees/send-payout.ts";
import { startPayouts } from "../../../../src/products/access/fees/start-payouts.ts";
import {
  type ChainWorld,
  faucet,
  pay,
  startChainWorld,
  tokenBalance,
  waitUntilMined,
} from "../../../integrations/chains/chain-world.ts";
import { evmMissing } from "../../../support/evm.ts";
import { type Sales, salesIn } from "./fees-world.ts";

const DAY_MS = 86_400_000;
const ALL = { merchantId: null, skipWalletRest: false };

describe.skipIf(evmMissing)("a payout on an EVM chain", { timeout: 120_000 }, () => {
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

  const at = (offsetMs: number) => ({
    ...world,
    networks: [world.network],
    payoutMinimum: parseDollars("1"),
    clock: { now: () => Date.now() + offsetMs },
  });
  const rested = () => at(2 * DAY_MS);

  /** A custodial merchant with a wallet, whose buyers' tokens are in the settlement wallet. */
  async function sold(units: bigint) {
    const merchantId = await sales.merchant({ mode: "custodial" });
    const wallet = Wallet.createRandom().address;
    await world
      .database("merchant_wallets")
      .insert({ merchant_id: merchantId, network: world.network.id, address: wallet });
    const token = world.network.tokens[0]?.symbol ?? "";
    await sales.sell({ merchantId, units, at: new Date(), mode: "custodial", network: world.network.id, token });
    await pay(world, { to: world.signer.settlementWallet, units });
    return { merchantId, wallet, account: accounts.merchantPayable(merchantId) };
  }
  async function started(units: bigint) {
    const seller = await sold(units);
    const [payoutId = ""] = await startPayouts(rested(), { ...ALL, merchantId: seller.merchantId });
    return { ...seller, payoutId };
  }
  async function prepared(payoutId: string) {
    const { transactionId } = await preparePayout(rested(), { payoutId });
    if (transactionId === null) throw new Error("nothing is to be sent");
    return transactionId;
  }
  const inTransit = () => sales.debitBalance(accounts.payoutInTransit(world.network.id, "USDC"));

  it("is promised once by any number of workers, and only to a wallet that has rested for a day", async () => {
    const { merchantId, account } = await sold(5_000_000n);
    expect(await startPayouts(at(0), { ...ALL, merchantId })).toEqual([]);
    const runs = await Promise.all([1, 2, 3, 4].map(() => startPayouts(rested(), { ...ALL, merchantId })));
    expect(runs.flat()).toHaveLength(1);
    expect((await readBalance(world.database, account)).available).toBe(0n);
    const { rows } = await world.database.raw("SELECT subject FROM wakes WHERE subject = ?", [
      `payout/${runs.flat()[0]}`,
    ]);
    expect(rows).toHaveLength(1);
  });

  it("goes to a wallet of today where the operator says so", async () => {
    const { merchantId, wallet } = await sold(5_000_000n);
    const [id = ""] = await startPayouts(at(0), { merchantId, skipWalletRest: true });
    expect(await selectPayout(world.database, id)).toMatchObject({ destination: wallet, amountUnits: 4_900_000n });
  });

  it("arrives once and is booked once, whatever is done twice on the way", async () => {
    const before = await inTransit();
    const { payoutId, wallet, merchantId } = await started(10_000_000n);
    const [one, two] = [await prepared(payoutId), await prepared(payoutId)];
    expect(two).toBe(one);
    const raw = (await findOutgoing(world.database, one))?.raw;
    for (let time = 0; time < 2; time += 1) await broadcastTransaction(world, { outgoingTransactionId: one });
    expect(await waitUntilMined(world, { outgoingTransactionId: one })).toMatchObject({ succeeded: true });
    const records = await Promise.all([1, 2, 3].map(() => recordPayout(rested(), { payoutId })));
    expect(records.map(({ outcome }) => outcome)).toEqual(["paid", "paid", "paid"]);
    expect(await preparePayout(rested(), { payoutId })).toMatchObject({ isOver: true });
    expect((await findOutgoing(world.database, one))?.raw).toBe(raw);
    expect(await tokenBalance(world, wallet)).toBe(9_800_000n);
    expect(await inTransit()).toBe(before);
    expect((await readBalance(world.database, accounts.merchantPayable(merchantId))).available).toBe(0n);
    const { rows } = await owner.raw("SELECT type FROM access_events WHERE merchant_id = ?", [merchantId]);
    expect(rows).toEqual([{ type: "payout.sent" }]);
    const costs = await owner.raw(
      "SELECT count(*)::integer AS count FROM outgoing_transactions WHERE id = ? AND cost_recorded_at IS NOT NULL",
      [one],
    );
    expect(costs.rows).toEqual([{ count: 1 }]);
  });

  it("is not sent again where somebody else put its authorization on chain first", async () => {
    const { payoutId, wallet } = await started(3_000_000n);
    const id = await prepared(payoutId);
    const stored = await findOutgoing(world.database, id);
    const { to, data } = stored?.unsigned ?? { to: "", data: "" };
    await (await faucet(world).sendTransaction({ to, data })).wait();
    await broadcastTransaction(world, { outgoingTransactionId: id });
    expect(await waitUntilMined(world, { outgoingTransactionId: id })).toMatchObject({ succeeded: false });
    expect(await recordPayout(rested(), { payoutId })).toMatchObject({ outcome: "again" });
    expect(await preparePayout(rested(), { payoutId })).toMatchObject({ isOver: true, transactionId: null });
    expect(await tokenBalance(world, wallet)).toBe(2_940_000n);
    expect(await selectPayout(world.database, payoutId)).toMatchObject({ status: "paid" });
  });

  it("parks where the settlement wallet is short, and signs nothing", async () => {
    const merchantId = await sales.merchant({ mode: "custodial" });
    await world.database("merchant_wallets").insert({
      merchant_id: merchantId,
      network: world.network.id,
      address: Wallet.createRandom().address,
    });
    const units = 900_000_000n;
    await sales.sell({ merchantId, units, at: new Date(), mode: "custodial", network: world.network.id });
    const [payoutId = ""] = await startPayouts(rested(), { ...ALL, merchantId });
    await expect(preparePayout(rested(), { payoutId })).rejects.toMatchObject({ code: "settlement_wallet_short" });
  });

  it("is signed only as its row says: no other payee, amount or token, no closed payout, no plain transfer", async () => {
    const { payoutId, wallet } = await started(4_000_000n);
    const [usdc, usdt] = world.network.tokens;
    if (usdc === undefined || usdt === undefined) throw new Error("the local chain has two tokens");
    const order = {
      method: "transferWithAuthorization",
      chainId: world.network.chainId,
      token: usdc,
      from: world.signer.settlementWallet,
      to: wallet,
      amountUnits: 3_920_000n,
      nonce: `0x${"11".repeat(32)}`,
      pays: { payoutId },
    } as const;
    const sign = (change: object) => world.signer.signTransferAuthorization("settlement", { ...order, ...change });
    expect(await sign({})).toMatch(/^0x[0-9a-f]{130}$/);
    const stranger = Wallet.createRandom().address;
    const wrong = [
      { to: stranger },
      { to: world.signer.treasury },
      { amountUnits: 3_920_001n },
      { token: usdt },
      { from: world.signer.vendorWallet },
      { pays: { payoutId: "pout_none" } },
      { pays: undefined },
    ];
    for (const change of wrong) await expect(sign(change)).rejects.toMatchObject({ code: "destination_refused" });
    const id = await prepared(payoutId);
    const unsigned = (await findOutgoing(world.database, id))?.unsigned;
    if (unsigned === undefined) throw new Error("nothing was stored");
    const plain = await world.chain.quoteTokenTransfer({
      ...{ token: usdc.address, from: world.signer.vendorWallet, to: wallet },
      amountUnits: 0n,
    });
    const asVendor = { ...plain.unsigned, pays: { payoutId } };
    await expect(world.signer.signTransaction(asVendor, 99)).rejects.toMatchObject({ code: "destination_refused" });
    const { pays: _claim, ...unclaimed } = { pays: undefined, ...unsigned };
    await expect(world.signer.signTransaction(unclaimed, 99)).rejects.toMatchObject({ code: "destination_refused" });
    await broadcastTransaction(world, { outgoingTransactionId: id });
    await waitUntilMined(world, { outgoingTransactionId: id });
    await recordPayout(rested(), { payoutId });
    await expect(sign({})).rejects.toMatchObject({ code: "destination_refused" });
  });
});
