import type { Knex } from "knex";
import { newWebhookSecret } from "../../../integrations/notifications/webhook-signature.ts";
import type { Clock } from "../../../platform/clock.ts";
import { newId } from "../../../platform/ids.ts";
import type { MasterKey } from "../../../platform/secrets.ts";
import { openSecret, sealSecret } from "../../../platform/secrets.ts";
import { WebhookNotSet } from "../telling-errors.ts";
import { announceToMerchant } from "./announce-to-merchant.ts";
import { listMerchantAttempts } from "./merchant-event-store.ts";
import type { MerchantWebhook } from "./merchant-webhook-store.ts";
import {
  deleteMerchantSecrets,
  deleteMerchantWebhook,
  findMerchantWebhook,
  insertMerchantSecret,
  listMerchantSecrets,
  lockMerchantWebhook,
  retireMerchantSecrets,
  saveMerchantWebhook,
} from "./merchant-webhook-store.ts";
import type { AddressNeeds } from "./webhook-address.ts";
import { checkWebhookUrl } from "./webhook-address.ts";

const URL_PURPOSE = "merchant-webhook-url";
const NEWEST = 20;
const SECRET_PURPOSE = "merchant-webhook-secret";

/** What changing a merchant's webhook needs. */
export type WebhookNeeds = AddressNeeds & {
  readonly database: Knex;
  readonly clock: Clock;
  readonly masterKey: MasterKey;
};

/**
 * Sets where a merchant is told. A new address gets a new secret, seen in clear only now, and the former secrets end at once: whoever was
 * told before must not be able to sign for the new one. The same address again changes nothing but opens it again after a 410; its secret
 * is then null. Throws `webhook_url_refused`, `outbound_address_refused`.
 */
export async function setMerchantWebhook(
  needs: WebhookNeeds,
  input: { readonly merchantId: string; readonly url: string },
): Promise<{ readonly host: string; readonly secret: string | null }> {
  const { merchantId } = input;
  const { href, host } = await checkWebhookUrl(needs, input.url);
  return needs.database.transaction(async (transaction) => {
    const known = await lockMerchantWebhook(transaction, merchantId);
    const isSame = known !== null && webhookUrl(needs, known) === href;
    const urlSealed = sealSecret(needs.masterKey, URL_PURPOSE, href);
    await saveMerchantWebhook(transaction, { merchantId, urlSealed, host });
    if (isSame) return { host, secret: null };
    await deleteMerchantSecrets(transaction, merchantId);
    return { host, secret: await addSecret(transaction, needs, merchantId) };
  });
}

/**
 * Makes a new secret, seen in clear only now. The one that signed so far goes on signing beside it for `overlapSeconds`; one that was to
 * retire already ends now, so that at most two sign. Throws `webhook_not_set`.
 */
export async function rotateMerchantSecret(
  needs: WebhookNeeds,
  input: { readonly merchantId: string; readonly overlapSeconds: number },
): Promise<{ readonly secret: string; readonly oldRetiresAt: Date }> {
  const { merchantId } = input;
  const oldRetiresAt = new Date(needs.clock.now() + input.overlapSeconds * 1000);
  const secret = await needs.database.transaction(async (transaction) => {
    if ((await lockMerchantWebhook(transaction, merchantId)) === null) throw new WebhookNotSet();
    await retireMerchantSecrets(transaction, { merchantId, at: oldRetiresAt });
    return addSecret(transaction, needs, merchantId);
  });
  return { secret, oldRetiresAt };
}

/** Forgets where a merchant is told, with its secrets; what is still being delivered ends. Throws `webhook_not_set`. */
export async function removeMerchantWebhook(
  needs: { readonly database: Knex },
  input: { readonly merchantId: string },
): Promise<void> {
  const removed = await needs.database.transaction((transaction) =>
    deleteMerchantWebhook(transaction, input.merchantId),
  );
  if (!removed) throw new WebhookNotSet();
}

/** Has an event of type `webhook.test` delivered, like any other. Answers its id. Throws `webhook_not_set`. */
export async function testMerchantWebhook(
  needs: { readonly database: Knex },
  input: { readonly merchantId: string },
): Promise<string> {
  const { merchantId } = input;
  return needs.database.transaction(async (transaction) => {
    if ((await findMerchantWebhook(transaction, merchantId)) === null) throw new WebhookNotSet();
    const testId = newId("tst");
    const news = { merchantId, type: "webhook.test", key: `test:${testId}`, data: { testId } } as const;
    const eventId = await announceToMerchant(transaction, news);
    if (eventId === null) throw new Error("A new key was told already.");
    return eventId;
  });
}

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

/** The address in clear. */
export function webhookUrl(needs: { readonly masterKey: MasterKey }, webhook: MerchantWebhook): string {
  return openSecret(needs.masterKey, URL_PURPOSE, webhook.urlSealed);
}

/** The secrets that sign for a merchant now, in clear, newest first. */
export async function signingSecrets(
  needs: Pick<WebhookNeeds, "database" | "clock" | "masterKey">,
  merchantId: string,
): Promise<readonly string[]> {
  const now = new Date(needs.clock.now());
  const stored = await listMerchantSecrets(needs.database, { merchantId, now });
  return stored.map(({ sealed }) => openSecret(needs.masterKey, SECRET_PURPOSE, sealed));
}

async function addSecret(
  transaction: Knex.Transaction,
  needs: { readonly masterKey: MasterKey },
  merchantId: string,
): Promise<string> {
  const secret = newWebhookSecret();
  const sealed = sealSecret(needs.masterKey, SECRET_PURPOSE, secret);
  await insertMerchantSecret(transaction, { id: newId("mws"), merchantId, sealed });
  return secret;
}
