import type { Knex } from "knex";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/pool.ts";
import { newId } from "../../platform/ids.ts";
import type { MasterKey } from "../../platform/secrets.ts";
import { openSecret, sealSecret } from "../../platform/secrets.ts";
import { newWebhookSecret } from "./webhook-signature.ts";
import { insertSecret, listSecrets, retireSecrets } from "./webhook-store.ts";

const PURPOSE = "webhook-secret";

/**
 * The secrets that sign now, newest first: the stored ones that have not retired, or the configured ones where none was ever stored. A
 * receiver that holds any of them accepts the webhook.
 */
export async function currentSecrets(
  needs: { readonly database: Database; readonly clock: Clock; readonly masterKey: MasterKey },
  configured: readonly string[],
): Promise<readonly string[]> {
  const stored = await listSecrets(needs.database);
  if (stored.length === 0) return configured;
  return stored
    .filter(({ retiresAt }) => retiresAt === null || retiresAt.getTime() > needs.clock.now())
    .map(({ sealed }) => openSecret(needs.masterKey, PURPOSE, sealed));
}

/**
 * Makes a new signing secret and answers it, the only time it is seen in clear. What signed so far, the configured secrets included,
 * goes on signing beside it for `overlapSeconds`, so a receiver has that long to learn the new one.
 */
export async function rotateSecret(
  needs: { readonly database: Knex; readonly clock: Clock; readonly masterKey: MasterKey },
  input: { readonly configured: readonly string[]; readonly overlapSeconds: number },
): Promise<{ readonly id: string; readonly secret: string; readonly oldRetireAt: Date }> {
  const oldRetireAt = new Date(needs.clock.now() + input.overlapSeconds * 1000);
  const secret = newWebhookSecret();
  const id = newId("whs");
  await needs.database.transaction(async (transaction) => {
    const isFirst = (await listSecrets(transaction)).length === 0;
    await retireSecrets(transaction, oldRetireAt);
    for (const old of isFirst ? input.configured.toReversed() : []) {
      const sealed = sealSecret(needs.masterKey, PURPOSE, old);
      await insertSecret(transaction, { id: newId("whs"), sealed, retiresAt: oldRetireAt });
    }
    await insertSecret(transaction, { id, sealed: sealSecret(needs.masterKey, PURPOSE, secret), retiresAt: null });
  });
  return { id, secret, oldRetireAt };
}
