import type { Database } from "../../../platform/database/pool.ts";
import type { Merchant, MerchantWallet } from "../merchant.ts";

const COLUMNS = `m.id, m.name, m.wallet_address AS "walletAddress", m.fee_basis_points AS "feeBasisPoints",
  m.settlement_mode AS "settlementMode", m.refunds_unused AS "refundsUnused", m.is_active AS "isActive", m.created_at AS "createdAt",
  coalesce((SELECT jsonb_agg(jsonb_build_object('network', w.network, 'address', w.address) ORDER BY w.network)
    FROM merchant_wallets w WHERE w.merchant_id = m.id), '[]') AS wallets`;

/** A merchant by id, whether active or not; null when there is none. */
export async function findMerchant(database: Database, id: string): Promise<Merchant | null> {
  const { rows } = await database.raw<{ rows: Merchant[] }>(`SELECT ${COLUMNS} FROM merchants m WHERE m.id = ?`, [id]);
  return rows[0] ?? null;
}

/** As {@link findMerchant}, holding the row till commit: keys, wallets and whether it sells change one after the other. */
export async function lockMerchant(transaction: Database, id: string): Promise<Merchant | null> {
  await transaction.raw("SELECT FROM merchants WHERE id = ? FOR UPDATE", [id]);
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
