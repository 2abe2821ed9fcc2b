import { z } from "zod";
import { isKeepableJson } from "../../../platform/http/wire-text.ts";
import type { Asset } from "../asset.ts";
import { keptText } from "../schemas.ts";
import { LONGEST_SESSION_SECONDS, showPrice } from "./asset-terms.ts";

/** What kinds of things are rented out. */
export const AssetTypeText = z.enum(["gpu", "printer", "iot", "other"]);

/** What a unit of access may be. */
export const AssetUnitText = z.enum(["minute", "hour", "day", "session"]);

/** A price on the wire. */
export const PriceText = z
  .string()
  .regex(/^[0-9]{1,7}(?:\.[0-9]{1,6})?$/, 'expected US dollars with at most 6 decimals, such as "0.10"')
  .refine((text) => /[1-9]/.test(text), "expected more than zero")
  .meta({ description: "US dollars as a decimal string, at most 6 decimals, more than zero." });

/** What a merchant may write of an asset. Nothing else is taken, so that no request can write what is not its own. */
export const AssetFields = {
  name: keptText({ minimum: 1, maximum: 200 }).regex(/\S/, "expected more than blanks"),
  description: keptText({ minimum: 0, maximum: 2_000 }).nullable(),
  type: AssetTypeText,
  unit: AssetUnitText,
  pricePerUnit: PriceText,
  sessionSeconds: z
    .number()
    .int()
    .min(1)
    .max(LONGEST_SESSION_SECONDS)
    .meta({ description: 'How long one unit lasts; of the unit "session" only.' }),
  sessionMinutes: z
    .number()
    .int()
    .min(1)
    .max(LONGEST_SESSION_SECONDS / 60)
    .meta({ description: "The same in minutes." }),
  metadata: z
    .record(z.string().max(200), z.json())
    .refine(isKeepableJson, "has a zero character or half a surrogate pair")
    .meta({ description: "Anything, at most 16384 bytes. Everybody can read it: keep secrets out of it." }),
  status: z.enum(["available", "maintenance"]),
} as const;

/** An asset as everybody sees it. */
export const AssetView = z
  .object({
    assetId: z.string(),
    merchantId: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    type: AssetTypeText,
    status: z.enum(["available", "occupied", "maintenance"]),
    pricePerUnit: z.string(),
    unit: AssetUnitText,
    unitSeconds: z.number().int().meta({ description: "How long one unit lasts." }),
    metadata: z.record(z.string(), z.unknown()).meta({ description: "As the merchant wrote it; public." }),
    createdAt: z.string(),
    updatedAt: z.string(),
  })
  .meta({ id: "Asset" });

/** Shows an asset. */
export function showAsset(asset: Asset): z.input<typeof AssetView> {
  return {
    assetId: asset.id,
    merchantId: asset.merchantId,
    name: asset.name,
    description: asset.description,
    type: asset.type,
    status: asset.status,
    pricePerUnit: showPrice(asset.price),
    unit: asset.unit,
    unitSeconds: asset.unitSeconds,
    metadata: { ...asset.metadata },
    createdAt: asset.createdAt.toISOString(),
    updatedAt: asset.updatedAt.toISOString(),
  };
}
