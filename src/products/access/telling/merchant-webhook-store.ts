import type { Database } from "../../../platform/database/pool.ts";

/** True while the merchant has an address that takes webhooks: one that answered 410 takes no more until it is set again. */
export async function hasMerchantWebhook(database: Database, merchantId: string): Promise<boolean> {
  const row: unknown = await database("merchant_webhooks")
    .where("merchant_id", merchantId)
    .whereNull("refused_at")
    .first("merchant_id");
  return row !== undefined;
}
