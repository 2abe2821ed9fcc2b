import { afterAll, beforeAll, expect, it } from "vitest";
import { findMerchant } from "../../../../src/products/access/merchants/merchant-store.ts";
import {
  isTestServer,
  registerMerchant,
  walletShown,
} from "../../../../src/products/access/merchants/register-merchant.ts";
import { type AccessRows, LOCAL, startAccessRows } from "../access-rows.ts";

let rows: AccessRows;
beforeAll(async () => {
  rows = await startAccessRows();
});
afterAll(() => rows.close());

it("stores merchant, wallet, key and webhook together", async () => {
  const wallets = { local: "0xA" };
  const input = { name: "Shop", wallets, refundsUnused: true, webhookUrl: "http://127.0.0.1:9/hook" };
  const { merchantId, apiKey, webhookSecret } = await registerMerchant(rows.needs, input);
  expect(await findMerchant(rows.database, merchantId)).toMatchObject({
    ...{ walletAddress: "0xA", wallets: [{ network: LOCAL.id, address: "0xA" }], refundsUnused: true, isActive: true },
  });
  expect([apiKey.slice(0, 8), webhookSecret === null]).toEqual(["sk_test_", false]);
});

it("stores nothing when any part of it fails", async () => {
  const before = await rows.database("merchants");
  const input = { name: "x".repeat(300), walletAddress: "0xA", wallets: {}, refundsUnused: false };
  await expect(registerMerchant(rows.needs, input)).rejects.toThrow();
  expect(await rows.database("merchants")).toEqual(before);
});

it("refuses the platform's own settlement wallet, where a direct sale could not be told from a custodial one", async () => {
  const needs = { ...rows.needs, settlementWalletOf: () => "0xOURS" };
  const registering = registerMerchant(needs, {
    name: "Shop",
    walletAddress: "0xOURS",
    wallets: {},
    refundsUnused: false,
  });
  await expect(registering).rejects.toMatchObject({ code: "wallet_refused", members: { reason: "platform_wallet" } });
});

it("makes live keys as soon as one network has real money", () => {
  expect(isTestServer({ x402Networks: [LOCAL] })).toBe(true);
  expect(isTestServer({ x402Networks: [LOCAL, { ...LOCAL, isTest: false }] })).toBe(false);
});

it("shows the seed's wallet as its chain spells it", () => {
  expect(walletShown({ walletAddress: "0xab" }, [{ address: "7x" }, { address: "0xAb" }])).toBe("0xAb");
  expect(walletShown({}, [{ address: "0xAb" }])).toBeUndefined();
});
