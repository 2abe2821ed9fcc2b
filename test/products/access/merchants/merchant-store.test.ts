import { afterAll, beforeAll, expect, it } from "vitest";
import {
  countActiveSessions,
  findMerchant,
  removeWallets,
  setActive,
  setWallets,
} from "../../../../src/products/access/merchants/merchant-store.ts";
import { type AccessRows, LOCAL, startAccessRows } from "../access-rows.ts";

let rows: AccessRows;
beforeAll(async () => {
  rows = await startAccessRows();
});
afterAll(() => rows.close());

it("finds a merchant whether it is active or not, with its wallets, and nobody else", async () => {
  const { merchantId } = await rows.register("Shop");
  await setActive(rows.database, { merchantId, isActive: false });
  expect(await findMerchant(rows.database, merchantId)).toMatchObject({ name: "Shop", isActive: false });
  expect(await findMerchant(rows.database, "mer_nobody")).toBeNull();
  expect(await countActiveSessions(rows.database, merchantId)).toBe(0);
});

it("keeps the moment a merchant ended, however often it is ended", async () => {
  const { merchantId } = await rows.register();
  const ended = () => rows.database("merchants").where("id", merchantId).first("deactivated_at");
  await setActive(rows.database, { merchantId, isActive: false });
  const first = await ended();
  await setActive(rows.database, { merchantId, isActive: false });
  expect(await ended()).toEqual(first);
});

it("writes down each wallet that changed, and none that did not", async () => {
  const { merchantId } = await rows.register();
  const wallets = [{ network: LOCAL.id, address: "0xB" }];
  await setWallets(rows.database, { merchantId, wallets });
  await setWallets(rows.database, { merchantId, wallets });
  await removeWallets(rows.database, { merchantId, networks: [LOCAL.id] });
  const kept = await rows.database("merchant_wallet_changes").where("merchant_id", merchantId).orderBy("number");
  expect(kept.map(({ new_address }) => new_address)).toEqual([expect.stringMatching(/^0x/), "0xB", null]);
});
