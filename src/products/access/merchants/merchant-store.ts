import type { Database } from "../../../platform/database/pool.ts";
import { preparedAs } from "../../../platform/database/prepared.ts";
import type { Merchant, MerchantWallet } from "../merchant.ts";

const COLUMNS = `m.id, m.name, m.wallet_address AS "walletAddress", m.fee_basis_points AS "feeBasisPoints",
  m.settlement_mode AS "settlementMode", m.refunds_unused AS "refundsUnused", m.is_active AS "isActive", m.created_at AS "createdAt",
  coalesce((SELECT jsonb_agg(jsonb_build_object('network', w.network, 'address', w.address) ORDER BY w.network)
    FROM merchant_wallets w WHERE w.merchant_id = m.id), '[]') AS wallets`;

/** A merchant by id, whether active or not; null when there is none. */
export async function findMerchant(database: Database, id: string): Promise<Merchant | null> {
  const { rows } = await database
    .raw<{ rows: Merchant[] }>(`SELECT ${COLUMNS} FROM merchants m WHERE m.id = ?`, [id])
    .options(preparedAs("merchant"));
  return rows[0] ?? null;
}

/** As {@link findMerchant}, holding the row till commit: keys, wallets and whether it sells change one after the other. */
export async function lockMerchant(transaction: Database, id: string): Promise<Merchant | null> {
  await transaction.raw("SELECT FROM merchants WHERE id = ? FOR NO KEY UPDATE", [id]);
  return findMerchant(transaction, id);
}

/** Adds a merchant with its wallets. */
export async function insertMerchant(
  transaction: Database,
  merchant: Pick<Merchant, "id" | "name" | "walletAddress" | "wallets" | "refundsUnused">,
): Promise<void> {
  await transaction("merchants").insert({
    id: merchant.id,
    name: merchant.name,
    wallet_address: merchant.walletAddress,
    refunds_unused: merchant.refundsUnused,
  });
  await setWallets(transaction, { merchantId: merchant.id, wallets: merchant.wallets });
}

/** Writes wallets, each in place of the one the merchant had on that network; those of other networks stay. */
export async function setWallets(
  transaction: Database,
  input: { readonly merchantId: string; readonly wallets: readonly MerchantWallet[] },
): Promise<void> {
  for (const { network, address } of input.wallets) {
    await transaction.raw(
      `INSERT INTO merchant_wallets (merchant_id, network, address) VALUES (:merchantId, :network, :address)
       ON CONFLICT (merchant_id, network) DO UPDATE SET address = excluded.address, checked_at = now()`,
      { merchantId: input.merchantId, network, address },
    );
  }
}

/** Ends being paid on these networks. */
export async function removeWallets(
  transaction: Database,
  input: { readonly merchantId: string; readonly networks: readonly string[] },
): Promise<void> {
  if (input.networks.length === 0) return;
  await transaction("merchant_wallets")
    .where("merchant_id", input.merchantId)
    .whereIn("network", [...input.networks])
    .delete();
}

/** Writes what a merchant may change about itself. */
export async function updateMerchant(
  transaction: Database,
  merchant: Pick<Merchant, "id" | "name" | "refundsUnused" | "walletAddress">,
): Promise<void> {
  await transaction("merchants").where("id", merchant.id).update({
    name: merchant.name,
    refunds_unused: merchant.refundsUnused,
    wallet_address: merchant.walletAddress,
  });
}

/** Writes what only the operator may change. */
export async function updateMerchantTerms(
  transaction: Database,
  merchant: Pick<Merchant, "id" | "feeBasisPoints" | "settlementMode" | "refundsUnused">,
): Promise<void> {
  await transaction("merchants").where("id", merchant.id).update({
    fee_basis_points: merchant.feeBasisPoints,
    settlement_mode: merchant.settlementMode,
    refunds_unused: merchant.refundsUnused,
  });
}

/** Lets a merchant sell, or not. The time it ended selling stays while it does not. */
export async function setActive(
  transaction: Database,
  input: { readonly merchantId: string; readonly isActive: boolean },
): Promise<void> {
  await transaction.raw(
    `UPDATE merchants SET is_active = :isActive, deactivated_at = CASE WHEN :isActive THEN NULL ELSE coalesce(deactivated_at, now()) END
     WHERE id = :merchantId`,
    { ...input },
  );
}

/** How many sessions run on a merchant's assets. */
export async function countActiveSessions(database: Database, merchantId: string): Promise<number> {
  const { rows } = await database.raw<{ rows: { count: number }[] }>(
    `SELECT count(*)::integer AS count FROM access_sessions s JOIN assets a ON a.id = s.asset_id
     WHERE a.merchant_id = ? AND s.status = 'active'`,
    [merchantId],
  );
  return rows[0]?.count ?? 0;
}

/** What operators ask for. `search` is an id, a wallet, or a part of a name. */
export type MerchantSearch = {
  readonly isActive: boolean | null;
  readonly search: string | null;
  readonly before: string | null;
  readonly limit: number;
};

/** Merchants, newest first, below the id `before`. */
export async function selectMerchants(database: Database, search: MerchantSearch): Promise<readonly Merchant[]> {
  const { rows } = await database.raw<{ rows: Merchant[] }>(
    `SELECT ${COLUMNS} FROM merchants m
     WHERE (:before::text IS NULL OR m.id < :before) AND (:isActive::boolean IS NULL OR m.is_active = :isActive)
       AND (:search::text IS NULL OR m.id = :search OR m.wallet_address = :search OR m.name ILIKE :part
         OR EXISTS (SELECT FROM merchant_wallets w WHERE w.merchant_id = m.id AND w.address = :search))
     ORDER BY m.id DESC LIMIT :limit`,
    { ...search, part: `%${(search.search ?? "").replace(/[\\%_]/g, "\\$&")}%` },
  );
  return rows;
}
