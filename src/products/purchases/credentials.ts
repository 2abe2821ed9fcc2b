import type { Knex } from "knex";
import { z } from "zod";
import type { MasterKey } from "../../platform/secrets.ts";
import { openSecret, sealSecret } from "../../platform/secrets.ts";
import { findBucket } from "./bucket-store.ts";
import { NotProvisionedYet, PurchaseNotFound, PurchaseTerminated } from "./errors.ts";
import { isEnding } from "./lifecycle.ts";
import { findPurchase } from "./purchase-store.ts";

const Stored = z.object({ access_key_id: z.string(), secret_access_key: z.string() });

/** Seals a bucket user's keys for the database; only a process with the master key can open them again. */
export function sealCredentials(
  masterKey: MasterKey,
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string },
): string {
  return sealSecret(
    masterKey,
    "bucket-credentials",
    JSON.stringify({ access_key_id: keys.accessKeyId, secret_access_key: keys.secretAccessKey }),
  );
}

/** The customer's S3 credentials in clear. Fails with `not_provisioned_yet`, and with `purchase_terminated` once access is revoked. */
export async function readCredentials(
  needs: { readonly database: Knex; readonly masterKey: MasterKey },
  input: { readonly purchaseId: string },
) {
  const purchase = await findPurchase(needs.database, input.purchaseId);
  if (purchase === null) throw new PurchaseNotFound();
  if (isEnding(purchase.status)) throw new PurchaseTerminated();
  const record = await findBucket(needs.database, purchase.id);
  if (purchase.status === "provisioning" || record === null || record.credentialsSealed === null)
    throw new NotProvisionedYet();
  const keys = Stored.parse(JSON.parse(openSecret(needs.masterKey, "bucket-credentials", record.credentialsSealed)));
  return { endpoint: record.endpoint, region: record.region, bucket: record.bucket, ...keys };
}
