import { Wallet } from "ethers";
import { nanodollars } from "../../../src/money/nanodollars.ts";
import { findAsset } from "../../../src/products/access/assets/asset-store.ts";
import { openSession } from "../../../src/products/access/sessions/open-session.ts";
import type { TestApp } from "../../support/app.ts";

/** Opens a session on an asset, as a settled payment does. */
export async function sellSession(app: TestApp, assetId: string) {
  const { database, masterKey } = app.context;
  const asset = await findAsset(database, assetId);
  if (asset === null) throw new Error("the asset is off sale");
  const { merchantId, unit, unitSeconds } = asset;
  const payment = { network: "eip155:31337", payer: Wallet.createRandom().address, gross: nanodollars(1_000_000_000n) };
  const opened = await database.transaction((transaction) =>
    openSession(
      transaction,
      { masterKey },
      {
        payment,
        quote: { merchantId, assetId, unit, unitSeconds, units: 10 },
        now: new Date(),
      },
    ),
  );
  if (opened === "asset_taken") throw new Error("the asset is taken");
  return opened.session;
}
