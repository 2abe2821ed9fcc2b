import { afterAll, beforeAll, expect, it } from "vitest";
import { changeMerchant } from "../../../../src/products/access/merchants/change-merchant.ts";
import { deactivateMerchant } from "../../../../src/products/access/merchants/merchant-keys.ts";
import { type AccessRows, LOCAL, startAccessRows } from "../access-rows.ts";

let rows: AccessRows;
beforeAll(async () => {
  rows = await startAccessRows();
});
afterAll(() => rows.close());

it("loses no change when several come at once", async () => {
  const { merchantId } = await rows.register();
  await Promise.all([
    changeMerchant(rows.needs, { merchantId, change: { name: "New name", wallets: {} } }),
    changeMerchant(rows.needs, { merchantId, change: { refundsUnused: true, wallets: {} } }),
    changeMerchant(rows.needs, { merchantId, change: { wallets: { local: "0xNEW" } } }),
  ]);
  expect(await changeMerchant(rows.needs, { merchantId, change: { wallets: {} } })).toMatchObject({
    ...{ name: "New name", refundsUnused: true, wallets: [{ network: LOCAL.id, address: "0xNEW" }] },
  });
});

it("keeps a last wallet, and changes nothing of a merchant that ended", async () => {
  const { merchantId } = await rows.register();
  const ending = changeMerchant(rows.needs, { merchantId, change: { wallets: { local: null } } });
  await expect(ending).rejects.toMatchObject({ code: "last_wallet" });
  await deactivateMerchant(rows.needs, { merchantId });
  const late = changeMerchant(rows.needs, { merchantId, change: { wallets: { local: "0xLATE" } } });
  await expect(late).rejects.toMatchObject({ code: "merchant_inactive" });
});
