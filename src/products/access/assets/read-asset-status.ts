import type { Knex } from "knex";
import type { Asset } from "../asset.ts";
import { AssetNotFound } from "../errors.ts";
import { findActiveSession } from "../sessions/session-store.ts";
import { findAsset } from "./asset-store.ts";

/** An asset and until when it is used; null while nobody uses it. Throws {@link AssetNotFound}. */
export async function readAssetStatus(
  needs: { readonly database: Knex },
  input: { readonly assetId: string },
): Promise<{ readonly asset: Asset; readonly occupiedUntil: Date | null }> {
  const asset = await findAsset(needs.database, input.assetId);
  if (asset === null) throw new AssetNotFound();
  const session = await findActiveSession(needs.database, asset.id);
  return { asset, occupiedUntil: session?.expiresAt ?? null };
}
