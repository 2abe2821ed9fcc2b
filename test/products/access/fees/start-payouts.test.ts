import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localNetwork } from "../../../../src/integrations/chains/evm/networks.ts";
import { readBalance } from "../../../../src/ledger/balances.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { startPayouts } from "../../../../src/products/access/fees/start-payouts.ts";
import { type FeesWorld, startFeesWorld } from "./fees-world.ts";

const WALLET = "0x6813Eb9362372EEF6200f3b1dbC3f819671cBA69";
const network = localNetwork({ usdc: "0x5FbDB2315678afecb367f032d93F642f64180aa3" });

let world: FeesWorld;
beforeAll(async () => {
  world = await startFeesWorld();
});
afterAll(() => world.close());

const needs = (minimum = "1") => ({
  ...world,
  ...{ networks: [network], payoutMinimum: parseDollars(minimum), clock: { now: () => Date.now() + 2 * 86_400_000 } },
});
const start = (merchantId: string, minimum?: string) =>
  startPayouts(needs(minimum), { merchantId, skipWalletRest: false });
const payouts = (merchantId: string) => world.owner("access_payouts").where({ merchant_id: merchantId });

async function owed(units: bigint, address: string | null = WALLET) {
  const merchantId = await world.merchant({ mode: "custodial" });
  await world.sell({ merchantId, units, at: new Date(), mode: "custodial", network: network.id });
  if (address !== null) {
    await world.database("merchant_wallets").insert({ merchant_id: merchantId, network: network.id, address });
  }
  return merchantId;
}

describe("startPayouts", () => {
  it("takes what is promised from the merchant's account, and wakes the payout's workflow", async () => {
    const merchantId = await owed(5_000_000n);
    const [id] = await start(merchantId);
    expect(await payouts(merchantId)).toMatchObject([
      { id, destination: WALLET, amount_units: "4900000", amount_nanodollars: "4900000000", status: "open" },
    ]);
    expect((await readBalance(world.database, accounts.merchantPayable(merchantId))).available).toBe(0n);
    expect(await world.owner("wakes").where("subject", `payout/${id}`)).toHaveLength(1);
    expect(await start(merchantId)).toEqual([]);
  });

  it("promises nothing it could not post", async () => {
    const merchantId = await owed(5_000_000n);
    const postIn = async () => Promise.reject(new Error("the books cannot be reached"));
    const broken = { ...needs(), ledger: { postIn } };
    await expect(startPayouts(broken, { merchantId, skipWalletRest: false })).rejects.toThrow("cannot be reached");
    expect(await payouts(merchantId)).toEqual([]);
    expect(await start(merchantId)).toHaveLength(1);
  });

  it("waits where too little is owed, where the merchant has no wallet, and where this server cannot pay from", async () => {
    const [little, nowhere] = [await owed(1_000_000n), await owed(5_000_000n, null)];
    expect([await start(little, "1"), await start(nowhere)]).toEqual([[], []]);
    const elsewhere = { ...needs(), networks: [] };
    expect(await startPayouts(elsewhere, { merchantId: little, skipWalletRest: false })).toEqual([]);
    expect(await start(little, "0.98")).toHaveLength(1);
  });
});
