import type { Knex } from "knex";
import type { JsonValue } from "../../../errors.ts";
import { parseDollars } from "../../../money/nanodollars.ts";
import type { Clock } from "../../../platform/clock.ts";
import { newUuid } from "../../../platform/ids.ts";
import type { Asset, AssetType, AssetUnit } from "../asset.ts";
import { MetadataTooLarge } from "../asset-errors.ts";
import { MerchantInactive } from "../merchant-errors.ts";
import { lockMerchant } from "../merchants/merchant-store.ts";
import { findAsset, insertAsset, measureMetadata } from "./asset-store.ts";
import { type GivenLength, unitSecondsOf } from "./asset-terms.ts";

/** The most bytes of metadata, as the database keeps it. */
export const METADATA_LIMIT_BYTES = 16_384;

/** An asset as a merchant describes it. `pricePerUnit` is in US dollars. */
export type AssetDescription = GivenLength & {
  readonly name: string;
  readonly description: string | null;
  readonly type: AssetType;
  readonly unit: AssetUnit;
  readonly pricePerUnit: string;
  readonly metadata: Readonly<Record<string, JsonValue>>;
  readonly status: "available" | "maintenance";
};

/** Adds an asset to a merchant's. Throws `session_length_invalid`, {@link MetadataTooLarge}, {@link MerchantInactive}. */
export function createAsset(
  needs: { readonly database: Knex; readonly clock: Clock },
  input: { readonly merchantId: string; readonly asset: AssetDescription },
): Promise<Asset> {
  const { merchantId, asset } = input;
  const unitSeconds = unitSecondsOf(asset.unit, asset);
  const price = parseDollars(asset.pricePerUnit);
  return needs.database.transaction(async (transaction) => {
    const merchant = await lockMerchant(transaction, merchantId);
    if (merchant?.isActive !== true) throw new MerchantInactive();
    await requireRoom(transaction, asset.metadata);
    const id = newUuid(needs.clock.now());
    const inMaintenance = asset.status === "maintenance";
    await insertAsset(transaction, { ...asset, id, merchantId, unitSeconds, price, inMaintenance });
    const added = await findAsset(transaction, id);
    if (added === null) throw new Error("An asset vanished while it was added.");
    return added;
  });
}

/** Measures metadata where it will be kept. Throws {@link MetadataTooLarge}. */
export async function requireRoom(
  transaction: Knex.Transaction,
  metadata: Readonly<Record<string, JsonValue>>,
): Promise<void> {
  const bytes = await measureMetadata(transaction, metadata);
  if (bytes > METADATA_LIMIT_BYTES) throw new MetadataTooLarge({ bytes, limitBytes: METADATA_LIMIT_BYTES });
}
