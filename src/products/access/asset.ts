import type { JsonValue } from "../../errors.ts";
import type { Nanodollars } from "../../money/nanodollars.ts";

/** What kind of thing an asset is. Source: seed 001, "type". */
export type AssetType = "gpu" | "printer" | "iot" | "other";

/** What one unit of access lasts. A `session` lasts what its asset declares. Source: seed 001, "unit". */
export type AssetUnit = "minute" | "hour" | "day" | "session";

/** Maintenance is the merchant's word and wins; occupied is that a session is active. Source: seed 001, "Asset Lifecycle States". */
export type AssetStatus = "available" | "occupied" | "maintenance";

/** A thing that is rented out, by one buyer at a time. `price` is for one unit of `unitSeconds`. */
export type Asset = {
  readonly id: string;
  readonly merchantId: string;
  readonly name: string;
  readonly description: string | null;
  readonly type: AssetType;
  readonly unit: AssetUnit;
  readonly unitSeconds: number;
  readonly price: Nanodollars;
  readonly status: AssetStatus;
  readonly metadata: Readonly<Record<string, JsonValue>>;
  readonly createdAt: Date;
  readonly updatedAt: Date;
};
