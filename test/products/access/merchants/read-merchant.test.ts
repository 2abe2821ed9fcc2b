import { afterAll, beforeAll, expect, it } from "vitest";
import { updateMerchantTerms } from "../../../../src/products/access/merchants/merchant-store.ts";
import { readMerchant } from "../../../../src/products/access/merchants/read-merchant.ts";
import { type AccessRows, startAccessRows } from "../access-rows.ts";

let rows: AccessRows;
beforeAll(async () => {
  rows = await startAccessRows();
});
afterAll(() => rows.close());

it("says the fee that a sale would pay now", async () => {
  const { merchantId } = await rows.register();
  expect(await readMerchant(rows.needs, { merchantId })).toMatchObject({ merchantId, platformFeeBasisPoints: 200 });
  const terms = { id: merchantId, feeBasisPoints: 0, settlementMode: "direct", refundsUnused: false } as const;
  await updateMerchantTerms(rows.database, terms);
  expect(await readMerchant(rows.needs, { merchantId })).toMatchObject({ platformFeeBasisPoints: 0 });
});

it("finds no merchant that is not there", async () => {
  await expect(readMerchant(rows.needs, { merchantId: "mer_x" })).rejects.toMatchObject({ code: "merchant_not_found" });
});
