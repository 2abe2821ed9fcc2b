import { afterAll, beforeAll, expect, it } from "vitest";
import { createAsset } from "../../../../src/products/access/assets/create-asset.ts";
import { listMerchantAssets } from "../../../../src/products/access/assets/list-assets.ts";
import { readAssetStatus } from "../../../../src/products/access/assets/read-asset-status.ts";
import { type AccessRows, RIG, startAccessRows } from "../access-rows.ts";

let rows: AccessRows;
beforeAll(async () => {
  rows = await startAccessRows();
});
afterAll(() => rows.close());

it("pages a merchant's assets, each once, with nothing earned before anything is sold", async () => {
  const { merchantId } = await rows.register();
  const made: string[] = [];
  for (const name of ["one", "two", "three"])
    made.push((await createAsset(rows.needs, { merchantId, asset: { ...RIG, name } })).id);
  const first = await listMerchantAssets(rows.needs, { merchantId, before: null, limit: 2 });
  const second = await listMerchantAssets(rows.needs, { merchantId, before: first.nextCursor, limit: 2 });
  expect([...first.items, ...second.items].map(({ asset }) => asset.name)).toEqual(["three", "two", "one"]);
  expect([first.items[0]?.earnings.earned, second.nextCursor]).toEqual(["0", null]);
  expect(await readAssetStatus(rows.needs, { assetId: made[0] ?? "" })).toMatchObject({ occupiedUntil: null });
});
