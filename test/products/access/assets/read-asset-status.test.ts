import { afterAll, beforeAll, expect, it } from "vitest";
import { createAsset } from "../../../../src/products/access/assets/create-asset.ts";
import { listAssets } from "../../../../src/products/access/assets/list-assets.ts";
import { readAssetStatus } from "../../../../src/products/access/assets/read-asset-status.ts";
import { type AccessRows, RIG, startAccessRows } from "../access-rows.ts";
import { startSessionWorld } from "../sessions/session-world.ts";

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

it("shows an overdue session's asset as free although nobody has ended it, and as used while it may still be prolonged", async () => {
  const world = await startSessionWorld();
  const { session } = await world.sell();
  const { assetId, merchantId } = session;
  const seen = async () => {
    const { asset, occupiedUntil } = await readAssetStatus(world, { assetId });
    const any = { type: null, unit: null, maximumPrice: null, before: null, offset: 0, limit: 5 };
    const listed = await listAssets(world, { ...any, merchantId, status: asset.status });
    return [asset.status, occupiedUntil !== null, ...listed.items.map(({ status }) => status)];
  };
  expect(await seen()).toEqual(["occupied", true, "occupied"]);
  await world.endIn(session.id, -1);
  expect(await seen()).toEqual(["available", false, "available"]);
  const payment = await world.payExtension(session.id, "unknown");
  expect(await seen()).toEqual(["occupied", true, "occupied"]);
  await world.endIn(session.id, -121);
  expect(await seen()).toEqual(["available", false, "available"]);
  await payment.fail();
  expect(await world.events(session.id)).toHaveLength(1);
  await world.close();
});
