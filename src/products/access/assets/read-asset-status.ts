import type { Knex } from "knex";
import type { Asset } from "../asset.ts";
import { AssetNotFound } from "../errors.ts";
import { hasPaymentUnderWay } from "../payments/payment-store.ts";
import { isDue } from "../sessions/session-lifecycle.ts";
import { findActiveSession, readDatabaseTime } from "../sessions/session-store.ts";
import { findAsset } from "./asset-store.ts";

/**
 * An asset and until when it is used; null while nobody uses it. A session whose time is over uses it no more, though its workflow has not
 * ended it: whoever buys ends it. Throws {@link AssetNotFound}.
 */
export async function readAssetStatus(
  needs: { readonly database: Knex },
  input: { readonly assetId: string },
): Promise<{ readonly asset: Asset; readonly occupiedUntil: Date | null }> {
  const { database } = needs;
  const asset = await findAsset(database, input.assetId);
  if (asset === null) throw new AssetNotFound();
  const session = await findActiveSession(database, asset.id);
  if (session === null) return { asset, occupiedUntil: null };
  const isPaying = await hasPaymentUnderWay(database, { sessionId: session.id });
  const now = await readDatabaseTime(database);
  if (!isDue({ session, hasPaymentUnderWay: isPaying, now })) return { asset, occupiedUntil: session.expiresAt };
  return { asset: asset.status === "occupied" ? { ...asset, status: "available" } : asset, occupiedUntil: null };
}
