import { expect, it } from "vitest";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import type { Asset } from "../../../../src/products/access/asset.ts";
import { AssetView, PriceText, showAsset } from "../../../../src/products/access/assets/asset-view.ts";

const ASSET: Asset = {
  ...{ id: "a", merchantId: "m", name: "Rig", description: null, type: "gpu", unit: "session", unitSeconds: 90 },
  ...{ price: parseDollars("0.1"), status: "occupied", metadata: { specs: ["64GB"] } },
  ...{ createdAt: new Date(0), updatedAt: new Date(1) },
};

it("shows an asset in the seed's words", () => {
  const shown = showAsset(ASSET);
  expect(AssetView.strict().parse(shown)).toEqual(shown);
  expect(shown).toMatchObject({ assetId: "a", pricePerUnit: "0.10", unit: "session", status: "occupied" });
});

it.each(["0", "0.0000000", "-1", "1e3", "", "12345678", "1.", "１"])("takes no price of %j", (price) => {
  expect(PriceText.safeParse(price).success).toBe(false);
});
