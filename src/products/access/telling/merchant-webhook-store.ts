import type { Knex } from "knex";
import type { Database } from "../../../platform/database/pool.ts";

/** Where a merchant is told. The address is sealed; `refusedAt` is when it answered 410 and so takes no more. */
export type MerchantWebhook = {
  readonly merchantId: string;
  readonly urlSealed: string;
  readonly host: string;
  readonly setAt: Date;
  readonly refusedAt: Date | null;
};

/** A secret that signs for a merchant, sealed. `retiresAt` is when it stops; null for the newest. */
export type MerchantWebhookSecret = { readonly id: string; readonly sealed: string; readonly retiresAt: Date | null };

const COLUMNS = `merchant_id AS "merchantId", url_sealed AS "urlSealed", host, set_at AS "setAt", refused_at AS "refusedAt"`;

/** A merchant's webhook; null when it has none. */
export async function findMerchantWebhook(database: Database, merchantId: string): Promise<MerchantWebhook | null> {
  const result: { rows: MerchantWebhook[] } = await database.raw(
    `SELECT ${COLUMNS} FROM merchant_webhooks WHERE merchant_id = ?`,
    [merchantId],
  );
  return result.rows[0] ?? null;
}

/** The same, locked until the transaction's end. */
export async function lockMerchantWebhook(
  transaction: Knex.Transaction,
  merchantId: string,
): Promise<MerchantWebhook | null> {
  const result: { rows: MerchantWebhook[] } = await transaction.raw(
    `SELECT ${COLUMNS} FROM merchant_webhooks WHERE merchant_id = ? FOR UPDATE`,
    [merchantId],
  );
  return result.rows[0] ?? null;
}

/** Keeps where a merchant is told from now on, open to webhooks again. */
export async function saveMerchantWebhook(
  transaction: Knex.Transaction,
  webhook: Pick<MerchantWebhook, "merchantId" | "urlSealed" | "host">,
): Promise<void> {
  await transaction("merchant_webhooks")
    .insert({ merchant_id: webhook.merchantId, url_sealed: webhook.urlSealed, host: webhook.host })
    .onConflict("merchant_id")
    .merge({
      url_sealed: webhook.urlSealed,
      host: webhook.host,
      set_at: transaction.fn.now(),
      refused_at: null,
    });
}

/** Forgets a merchant's webhook and its secrets; true when there was one. */
export async function deleteMerchantWebhook(transaction: Knex.Transaction, merchantId: string): Promise<boolean> {
  await transaction("merchant_webhook_secrets").where("merchant_id", merchantId).delete();
  return (await transaction("merchant_webhooks").where("merchant_id", merchantId).delete()) === 1;
}

/** Notes that this address answered 410, unless it was set anew meanwhile. */
export async function noteMerchantRefusal(database: Database, webhook: MerchantWebhook): Promise<void> {
  await database("merchant_webhooks")
    .where({ merchant_id: webhook.merchantId, url_sealed: webhook.urlSealed })
    .update({ refused_at: database.fn.now() });
}

/** A merchant's secrets that have not retired at `now`, newest first. */
export async function listMerchantSecrets(
  database: Database,
  input: { readonly merchantId: string; readonly now: Date },
): Promise<readonly MerchantWebhookSecret[]> {
  const result: { rows: MerchantWebhookSecret[] } = await database.raw(
    `SELECT id, secret_sealed AS sealed, retires_at AS "retiresAt" FROM merchant_webhook_secrets
     WHERE merchant_id = :merchantId AND (retires_at IS NULL OR retires_at > :now)
     ORDER BY retires_at DESC NULLS FIRST, created_at DESC`,
    input,
  );
  return result.rows;
}

/** Keeps a sealed secret that signs from now on. */
export async function insertMerchantSecret(
  transaction: Knex.Transaction,
  secret: { readonly id: string; readonly merchantId: string; readonly sealed: string },
): Promise<void> {
  await transaction("merchant_webhook_secrets").insert({
    id: secret.id,
    merchant_id: secret.merchantId,
    secret_sealed: secret.sealed,
  });
}

/** Lets the secret that signs now retire at `at`, and forgets all that were to retire already. */
export async function retireMerchantSecrets(
  transaction: Knex.Transaction,
  input: { readonly merchantId: string; readonly at: Date },
): Promise<void> {
  const secrets = () => transaction("merchant_webhook_secrets").where("merchant_id", input.merchantId);
  await secrets().whereNotNull("retires_at").delete();
  await secrets().update({ retires_at: input.at });
}

/** Forgets every secret of a merchant. */
export async function deleteMerchantSecrets(transaction: Knex.Transaction, merchantId: string): Promise<void> {
  await transaction("merchant_webhook_secrets").where("merchant_id", merchantId).delete();
}
