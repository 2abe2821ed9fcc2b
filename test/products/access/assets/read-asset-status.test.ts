import { afterAll, beforeAll, expect, it } from "vitest";
import { createAsset } from "../../../../src/products/access/assets/create-asset.ts";
import { readAssetStatus } from "../../../../src/products/access/assets/read-asset-status.ts";
import { type AccessRows, RIG, startAccessRows } from "../access-rows.ts";

let rows: AccessRows;
beforeAll(async () => {
  rows = await startAccessRows();
});
afterAll(() => rows.close());

it("tells an asset that nobody uses, and none that is not there", async () => {
  const { merchantId } = await rows.register();
  const { id } = await createAsset(rows.needs, { merchantId, asset: RIG });
  expect(await readAssetStatus(rows.needs, { assetId: id })).toMatchObject({ asset: { id }, occupiedUntil: null });
  await expect(readAssetStatus(rows.needs, { assetId: "gone" })).rejects.toMatchObject({ code: "asset_not_found" });
});
