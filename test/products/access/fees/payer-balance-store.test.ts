import { afterAll, beforeAll, expect, it } from "vitest";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { openAccount } from "../../../../src/ledger/open-account.ts";
import { insertPayerBalance } from "../../../../src/products/access/fees/payer-balance-store.ts";
import { type FeesWorld, startFeesWorld } from "./fees-world.ts";

let world: FeesWorld;
beforeAll(async () => {
  world = await startFeesWorld();
});
afterAll(() => world.close());

it("says once whose account it is; the first word stays", async () => {
  const merchantId = await world.merchant();
  const account = accounts.payer(merchantId, "evm:0xabc");
  await openAccount(world.database, { account });
  const row = { account, merchantId, mode: "direct", kind: "evm", address: "0xabc" } as const;
  await Promise.all([1, 2, 3].map(() => insertPayerBalance(world.database, row)));
  await insertPayerBalance(world.database, { ...row, address: "0xdef" });
  expect(await world.database("access_payer_balances").where({ account })).toMatchObject([
    { merchant_id: merchantId, payer_kind: "evm", payer: "0xabc", settlement_mode: "direct" },
  ]);
});

it("is refused for a merchant that does not exist", async () => {
  const merchantId = "mer_nobody";
  const row = { account: accounts.payer(merchantId, "evm:0x1"), merchantId, mode: "direct", kind: "evm" } as const;
  await expect(insertPayerBalance(world.database, { ...row, address: "0x1" })).rejects.toThrow();
});
