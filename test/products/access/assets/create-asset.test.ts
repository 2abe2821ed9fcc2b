import { afterAll, beforeAll, expect, it } from "vitest";
import { createAsset, METADATA_LIMIT_BYTES } from "../../../../src/products/access/assets/create-asset.ts";
import { deactivateMerchant } from "../../../../src/products/access/merchants/merchant-keys.ts";
import { type AccessRows, RIG, startAccessRows } from "../access-rows.ts";

let rows: AccessRows;
beforeAll(async () => {
  rows = await startAccessRows();
});
afterAll(() => rows.close());

it("takes metadata that the database itself would just take, and not a byte more", async () => {
  const { merchantId } = await rows.register();
  const filled = (bytes: number) => ({ ...RIG, metadata: { b: "x".repeat(bytes - '{"b": ""}'.length) } });
  await createAsset(rows.needs, { merchantId, asset: filled(METADATA_LIMIT_BYTES) });
  const over = createAsset(rows.needs, { merchantId, asset: filled(METADATA_LIMIT_BYTES + 1) });
  await expect(over).rejects.toMatchObject({
    code: "metadata_too_large",
    members: { bytes: METADATA_LIMIT_BYTES + 1 },
  });
});

it("adds nothing for a merchant that ended, even in the same moment", async () => {
  const { merchantId } = await rows.register();
  await deactivateMerchant(rows.needs, { merchantId });
  const late = createAsset(rows.needs, { merchantId, asset: RIG });
  await expect(late).rejects.toMatchObject({ code: "merchant_inactive" });
  expect(await rows.database("assets").where("merchant_id", merchantId)).toEqual([]);
});
