import type { Knex } from "knex";
import { parseDollars } from "../../../money/nanodollars.ts";
import type { Asset } from "../asset.ts";
import { AssetNotFound } from "../errors.ts";
import { noteSessionEvent } from "../sessions/session-events.ts";
import { findActiveSession } from "../sessions/session-store.ts";
import { findAsset, lockAsset, updateAsset } from "./asset-store.ts";
import { unitSecondsOf } from "./asset-terms.ts";
import { type AssetDescription, requireRoom } from "./create-asset.ts";

/** What changes of an asset; absent stays as it is. Metadata is replaced as a whole. */
export type AssetChange = { readonly [Member in keyof AssetDescription]?: AssetDescription[Member] | undefined };

/**
 * Changes an asset of a merchant. Quotes that are open keep the price they named, a session that runs keeps its time; its holder is told when the
 * asset goes into maintenance or comes back. Throws {@link AssetNotFound} also for another merchant's, `session_length_invalid`,
 * `metadata_too_large`.
 */
export function changeAsset(
  needs: { readonly database: Knex },
  input: { readonly merchantId: string; readonly assetId: string; readonly change: AssetChange },
): Promise<Asset> {
  const { merchantId, assetId, change } = input;
  return needs.database.transaction(async (transaction) => {
    const asset = await lockAsset(transaction, assetId);
    if (asset === null || asset.merchantId !== merchantId) throw new AssetNotFound();
    const next = applyChange(asset, change);
    if (change.metadata !== undefined) await requireRoom(transaction, next.metadata);
    await updateAsset(transaction, next);
    if (next.inMaintenance !== (asset.status === "maintenance")) await tellHolder(transaction, next);
    const changed = await findAsset(transaction, assetId);
    if (changed === null) throw new AssetNotFound();
    return changed;
  });
}

/** The asset after a change. Pure. Throws `session_length_invalid`. */
export function applyChange(asset: Asset, change: AssetChange) {
  const unit = change.unit ?? asset.unit;
  const known = asset.unit === "session" ? asset.unitSeconds : undefined;
  return {
    id: asset.id,
    name: change.name ?? asset.name,
    description: change.description === undefined ? asset.description : change.description,
    type: change.type ?? asset.type,
    unit,
    unitSeconds: unitSecondsOf(unit, change, known),
    price: change.pricePerUnit === undefined ? asset.price : parseDollars(change.pricePerUnit),
    metadata: change.metadata ?? asset.metadata,
    inMaintenance: (change.status ?? asset.status) === "maintenance",
  };
}

async function tellHolder(
  transaction: Knex.Transaction,
  asset: { readonly id: string; readonly inMaintenance: boolean },
): Promise<void> {
  const session = await findActiveSession(transaction, asset.id);
  if (session === null) return;
  const data = { assetId: asset.id, inMaintenance: asset.inMaintenance };
  await noteSessionEvent(transaction, { sessionId: session.id, type: "asset_maintenance", data });
}
