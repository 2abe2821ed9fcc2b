import type { JsonValue } from "../../../errors.ts";
import { type Nanodollars, nanodollars } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { preparedAs } from "../../../platform/database/prepared.ts";
import type { Asset } from "../asset.ts";
import { GRACE_SECONDS } from "../sessions/session-lifecycle.ts";

type AssetRow = Omit<Asset, "price"> & { readonly price: string };

/** Whatever was ever an id; anything else is not asked for, because a path may hold what no text column can. */
const ASSET_ID = /^[0-9A-Za-z_-]{1,64}$/;

/** Whoever sells must end a session that is past its end, so to them it still occupies: see {@link findAsset}. */
const HELD = statusWhere("true");

/** To whoever looks, a session is over with its time, ended by its workflow or not; unless a payment may still prolong it. */
const SHOWN =
  statusWhere(`(s.expires_at > now() OR s.expires_at > now() - interval '${GRACE_SECONDS} seconds' AND EXISTS (
  SELECT FROM access_payments p WHERE p.session_id = s.id AND p.status IN ('submitted', 'unknown')))`);

const COLUMNS = `a.id, a.merchant_id AS "merchantId", a.name, a.description, a.type, a.unit, a.unit_seconds AS "unitSeconds",
  a.price_nanodollars AS price, a.metadata, a.created_at AS "createdAt", a.updated_at AS "updatedAt"`;

/**
 * An asset that can be bought or is in use, by id; null when there is none, and when its merchant is inactive. It is occupied until its
 * session is ended, also past its time.
 */
export async function findAsset(database: Database, id: string): Promise<Asset | null> {
  if (!ASSET_ID.test(id)) return null;
  const { rows } = await database
    .raw<{ rows: AssetRow[] }>(
      `SELECT ${COLUMNS}, ${HELD} AS status FROM assets a JOIN merchants m ON m.id = a.merchant_id AND m.is_active WHERE a.id = ?`,
      [id],
    )
    .options(preparedAs("asset"));
  const [row] = rows;
  return row === undefined ? null : toAsset(row);
}

/** What a list of assets may be narrowed by; null is any. `before` is an id, and newer ones were seen already. */
export type AssetFilter = {
  readonly merchantId: string | null;
  readonly type: string | null;
  readonly unit: string | null;
  readonly status: string | null;
  readonly maximumPrice: Nanodollars | null;
  readonly before: string | null;
  readonly offset: number;
  readonly limit: number;
};

/** Assets of active merchants, newest first. A session that is past its end does not occupy, though nobody has ended it yet. */
export async function selectAssets(database: Database, filter: AssetFilter): Promise<readonly Asset[]> {
  const { rows } = await database.raw<{ rows: AssetRow[] }>(
    `SELECT ${COLUMNS}, ${SHOWN} AS status FROM assets a JOIN merchants m ON m.id = a.merchant_id AND m.is_active
     WHERE (:merchantId::text IS NULL OR a.merchant_id = :merchantId) AND (:type::text IS NULL OR a.type = :type)
       AND (:unit::text IS NULL OR a.unit = :unit) AND (:status::text IS NULL OR ${SHOWN} = :status)
       AND (:maximumPrice::bigint IS NULL OR a.price_nanodollars <= :maximumPrice) AND (:before::text IS NULL OR a.id < :before)
     ORDER BY a.id DESC LIMIT :limit OFFSET :offset`,
    { ...filter, maximumPrice: filter.maximumPrice?.toString() ?? null },
  );
  return rows.map(toAsset);
}

/**
 * As {@link findAsset}, holding the row till commit: whoever sells, frees or changes an asset does so one after the other. Its status is
 * read after the lock is had, so it is true while it is held.
 */
export async function lockAsset(transaction: Database, id: string): Promise<Asset | null> {
  if (!ASSET_ID.test(id)) return null;
  await transaction.raw("SELECT FROM assets WHERE id = ? FOR NO KEY UPDATE", [id]).options(preparedAs("lock_asset"));
  return findAsset(transaction, id);
}

/** Adds an asset. */
export async function insertAsset(
  database: Database,
  asset: Omit<Asset, "status" | "createdAt" | "updatedAt"> & { readonly inMaintenance: boolean },
): Promise<void> {
  await database("assets").insert({
    id: asset.id,
    merchant_id: asset.merchantId,
    name: asset.name,
    description: asset.description,
    type: asset.type,
    unit: asset.unit,
    unit_seconds: asset.unitSeconds,
    price_nanodollars: asset.price.toString(),
    in_maintenance: asset.inMaintenance,
    metadata: writeMetadata(asset.metadata),
  });
}

/** Writes an asset's whole description. */
export async function updateAsset(
  transaction: Database,
  asset: Omit<Asset, "status" | "merchantId" | "createdAt" | "updatedAt"> & { readonly inMaintenance: boolean },
): Promise<void> {
  await transaction("assets")
    .where("id", asset.id)
    .update({
      name: asset.name,
      description: asset.description,
      type: asset.type,
      unit: asset.unit,
      unit_seconds: asset.unitSeconds,
      price_nanodollars: asset.price.toString(),
      in_maintenance: asset.inMaintenance,
      metadata: writeMetadata(asset.metadata),
      updated_at: transaction.fn.now(),
    });
}

/** How many bytes metadata takes as the database keeps it. */
export async function measureMetadata(
  database: Database,
  metadata: Readonly<Record<string, JsonValue>>,
): Promise<number> {
  const { rows } = await database.raw<{ rows: { bytes: number }[] }>("SELECT octet_length((?::jsonb)::text) AS bytes", [
    writeMetadata(metadata),
  ]);
  return rows[0]?.bytes ?? 0;
}

/** Maintenance is the merchant's word and wins; occupied is that a session is active, as far as `counts` says it does. */
function statusWhere(counts: string): string {
  return `CASE WHEN a.in_maintenance THEN 'maintenance'
    WHEN EXISTS (SELECT FROM access_sessions s WHERE s.asset_id = a.id AND s.status = 'active' AND ${counts}) THEN 'occupied'
    ELSE 'available' END`;
}

function toAsset(row: AssetRow): Asset {
  return { ...row, price: nanodollars(BigInt(row.price)) };
}

function writeMetadata(metadata: Readonly<Record<string, JsonValue>>): string {
  return JSON.stringify(metadata);
}
