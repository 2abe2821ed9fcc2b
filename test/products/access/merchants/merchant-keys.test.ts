import { afterAll, beforeAll, expect, it } from "vitest";
import {
  deactivateMerchant,
  regenerateKey,
  reissueKey,
} from "../../../../src/products/access/merchants/merchant-keys.ts";
import { setActive } from "../../../../src/products/access/merchants/merchant-store.ts";
import { type AccessRows, livingKeys, startAccessRows } from "../access-rows.ts";

let rows: AccessRows;
beforeAll(async () => {
  rows = await startAccessRows();
});
afterAll(() => rows.close());

const keyOf = async (merchantId: string) => (await livingKeys(rows.database, merchantId))[0]?.id ?? "";

it("lets only the newest key make the next, and no key of another merchant", async () => {
  const [{ merchantId }, other] = [await rows.register(), await rows.register()];
  const keyId = await keyOf(merchantId);
  const foreign = { merchantId, keyId: await keyOf(other.merchantId), overlapSeconds: 0 };
  await expect(regenerateKey(rows.needs, foreign)).rejects.toMatchObject({ code: "merchant_key_replaced" });
  const { id } = await regenerateKey(rows.needs, { merchantId, keyId, overlapSeconds: 60 });
  const again = regenerateKey(rows.needs, { merchantId, keyId, overlapSeconds: 60 });
  await expect(again).rejects.toMatchObject({ code: "merchant_key_replaced" });
  await regenerateKey(rows.needs, { merchantId, keyId: id, overlapSeconds: 0 });
});

it("leaves no key alive when keys are made and the merchant is deactivated at the same time", async () => {
  for (let round = 0; round < 5; round += 1) {
    const { merchantId } = await rows.register();
    const keyId = await keyOf(merchantId);
    await Promise.allSettled([
      regenerateKey(rows.needs, { merchantId, keyId, overlapSeconds: 600 }),
      deactivateMerchant(rows.needs, { merchantId }),
      regenerateKey(rows.needs, { merchantId, keyId, overlapSeconds: 600 }),
    ]);
    expect(await livingKeys(rows.database, merchantId)).toEqual([]);
  }
});

it("makes no key for an inactive merchant, and one for a merchant that is active again", async () => {
  const { merchantId } = await rows.register();
  await deactivateMerchant(rows.needs, { merchantId });
  const reissue = () =>
    rows.database.transaction((transaction) => reissueKey(transaction, rows.needs, { merchantId, overlapSeconds: 0 }));
  await expect(reissue()).rejects.toMatchObject({ code: "merchant_inactive" });
  await setActive(rows.database, { merchantId, isActive: true });
  expect((await reissue()).key).toMatch(/^sk_test_/);
  expect(await livingKeys(rows.database, merchantId)).toHaveLength(1);
});
