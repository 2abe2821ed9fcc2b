import { afterAll, beforeAll, expect, it } from "vitest";
import { findAsset, lockAsset, measureMetadata } from "../../../../src/products/access/assets/asset-store.ts";
import { changeAsset } from "../../../../src/products/access/assets/change-asset.ts";
import { createAsset } from "../../../../src/products/access/assets/create-asset.ts";
import { deactivateMerchant } from "../../../../src/products/access/merchants/merchant-keys.ts";
import { type AccessRows, RIG, startAccessRows } from "../access-rows.ts";

let rows: AccessRows;
beforeAll(async () => {
  rows = await startAccessRows();
});
afterAll(() => rows.close());

it("finds no asset of an inactive merchant, and none by what is no id", async () => {
  const { merchantId } = await rows.register();
  const { id } = await createAsset(rows.needs, { merchantId, asset: RIG });
  expect(await findAsset(rows.database, id)).toMatchObject({ id, merchantId, status: "available" });
  for (const other of ["", "\0", "\ud800", "'", "x".repeat(65)])
    expect(await findAsset(rows.database, other)).toBeNull();
  await deactivateMerchant(rows.needs, { merchantId });
  expect(await findAsset(rows.database, id)).toBeNull();
});

it("reads the status after the lock is had, so it is true while it is held", async () => {
  const { merchantId } = await rows.register();
  const { id: assetId } = await createAsset(rows.needs, { merchantId, asset: RIG });
  let changed: Promise<unknown> = Promise.resolve();
  const seen = await rows.database.transaction(async (transaction) => {
    const first = await lockAsset(transaction, assetId);
    changed = changeAsset(rows.needs, { merchantId, assetId, change: { status: "maintenance" } });
    const second = await lockAsset(transaction, assetId);
    return [first?.status, second?.status];
  });
  await changed;
  expect([...seen, (await findAsset(rows.database, assetId))?.status]).toEqual([
    "available",
    "available",
    "maintenance",
  ]);
});

it("measures metadata as the database keeps it", async () => {
  expect(await measureMetadata(rows.database, {})).toBe(2);
  expect(await measureMetadata(rows.database, { a: 1e20, b: ["é"] })).toBe(
    '{"a": 100000000000000000000, "b": ["é"]}'.length + 1,
  );
});
