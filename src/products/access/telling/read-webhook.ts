import type { Knex } from "knex";
import { listMerchantAttempts } from "./merchant-attempt-store.ts";
import { findMerchantWebhook } from "./merchant-webhook-store.ts";

const NEWEST = 20;

/** Where a merchant is told, by the host alone, and how the last deliveries went; `webhook` is null when none is set. */
export async function readMerchantWebhook(needs: { readonly database: Knex }, input: { readonly merchantId: string }) {
  const webhook = await findMerchantWebhook(needs.database, input.merchantId);
  const attempts = await listMerchantAttempts(needs.database, { ...input, limit: NEWEST });
  return {
    webhook:
      webhook === null
        ? null
        : {
            host: webhook.host,
            setAt: webhook.setAt.toISOString(),
            refusedAt: webhook.refusedAt?.toISOString() ?? null,
          },
    deliveries: attempts.map(({ attemptedAt, nextTryAt, ...attempt }) => ({
      ...attempt,
      attemptedAt: attemptedAt.toISOString(),
      nextTryAt: nextTryAt?.toISOString() ?? null,
    })),
  };
}
