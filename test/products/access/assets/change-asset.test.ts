import { afterAll, beforeAll, expect, it } from "vitest";
import { applyChange, changeAsset } from "../../../../src/products/access/assets/change-asset.ts";
import { createAsset } from "../../../../src/products/access/assets/create-asset.ts";
import { type AccessRows, RIG, startAccessRows } from "../access-rows.ts";

let rows: AccessRows;
beforeAll(async () => {
  rows = await startAccessRows();
});
afterAll(() => rows.close());

it("leaves what is absent, and tells null from absent", async () => {
  const { merchantId } = await rows.register();
  const asset = await createAsset(rows.needs, { merchantId, asset: { ...RIG, description: "loud" } });
  const same = { description: "loud", unit: "minute", unitSeconds: 60, price: asset.price, inMaintenance: false };
  expect(applyChange(asset, {})).toMatchObject(same);
  expect(applyChange(asset, { description: null })).toMatchObject({ ...same, description: null });
  expect(applyChange({ ...asset, status: "occupied" }, {})).toMatchObject({ inMaintenance: false });
  expect(applyChange({ ...asset, status: "maintenance" }, {})).toMatchObject({ inMaintenance: true });
});

it("A09: finds no asset of another merchant", async () => {
  const [{ merchantId }, other] = [await rows.register(), await rows.register()];
  const { id: assetId } = await createAsset(rows.needs, { merchantId, asset: RIG });
  const stolen = changeAsset(rows.needs, { merchantId: other.merchantId, assetId, change: { pricePerUnit: "9" } });
  await expect(stolen).rejects.toMatchObject({ code: "asset_not_found" });
});
