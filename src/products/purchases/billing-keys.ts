import type { Knex } from "knex";
import { rotateApiKey } from "../../identity/api-keys.ts";
import type { MasterKey } from "../../platform/secrets.ts";
import { deriveKey } from "../../platform/secrets.ts";
import type { BillingKeyKind, BillingKeyOwner } from "./billing-key-store.ts";
import { findRotation, insertRotation, readGeneration } from "./billing-key-store.ts";
import { PurchaseNotFound, PurchaseTerminated } from "./errors.ts";
import { isEnding } from "./lifecycle.ts";
import { findPurchase } from "./purchase-store.ts";

/** What showing and rotating keys needs. */
export type BillingKeyNeeds = { readonly database: Knex; readonly masterKey: MasterKey };

/** A key in clear, and which of its kind it is: 1 came with the sale. */
export type BillingKey = { readonly key: string; readonly generation: number };

/**
 * A purchase's customer key. Derived from the master key and never stored (the database has its SHA-256), so the session that bought
 * can be shown it again for a day. Later generations are rotations.
 */
export function readCustomerKey(masterKey: MasterKey, purchaseId: string, generation = 1): string {
  const context = generation === 1 ? purchaseId : `${purchaseId}:${generation}`;
  return `cbk_${deriveKey(masterKey, "customer-billing-key", context).toString("base64url")}`;
}

/** A purchase's vendor key, for metering servers. Derived like the customer's, with a purpose of its own. */
export function readVendorKey(masterKey: MasterKey, purchaseId: string, generation = 1): string {
  const context = generation === 1 ? purchaseId : `${purchaseId}:${generation}`;
  return `vbk_${deriveKey(masterKey, "vendor-billing-key", context).toString("base64url")}`;
}

const READ: Readonly<Record<BillingKeyKind, typeof readCustomerKey>> = {
  customer: readCustomerKey,
  vendor: readVendorKey,
};

/** The newest vendor key of a purchase, for its operator. Throws `purchase_not_found`. */
export async function showVendorKey(
  needs: BillingKeyNeeds,
  input: { readonly purchaseId: string },
): Promise<BillingKey> {
  const purchase = await findPurchase(needs.database, input.purchaseId);
  if (purchase === null) throw new PurchaseNotFound();
  const generation = await readGeneration(needs.database, { purchaseId: purchase.id, kind: "vendor" });
  return { key: readVendorKey(needs.masterKey, purchase.id, generation), generation };
}

/**
 * Gives a purchase a new key of a kind: it works at once, every older one for `overlapSeconds` more. One transaction on the purchase's
 * row; the same `requestKey` again is shown the key it made. Throws `purchase_not_found` and `purchase_terminated`.
 */
export async function rotateBillingKey(
  needs: BillingKeyNeeds,
  input: BillingKeyOwner & { readonly overlapSeconds: number; readonly requestKey: string | null },
): Promise<BillingKey> {
  const { purchaseId, kind } = input;
  const generation = await needs.database.transaction((transaction) => makeBillingKey(transaction, needs, input));
  return { key: READ[kind](needs.masterKey, purchaseId, generation), generation };
}

/** The same inside a transaction of the caller's, which may write down beside it who asked. Answers the generation, never the key. */
export async function makeBillingKey(
  transaction: Knex.Transaction,
  needs: Pick<BillingKeyNeeds, "masterKey">,
  input: BillingKeyOwner & { readonly overlapSeconds: number; readonly requestKey: string | null },
): Promise<number> {
  const { purchaseId, kind, overlapSeconds, requestKey } = input;
  const purchase = await findPurchase(transaction, purchaseId, { lock: true });
  if (purchase === null) throw new PurchaseNotFound();
  const made = requestKey === null ? null : await findRotation(transaction, { purchaseId, kind, requestKey });
  if (made !== null) return made;
  if (isEnding(purchase.status)) throw new PurchaseTerminated();
  const next = (await readGeneration(transaction, { purchaseId, kind })) + 1;
  await insertRotation(transaction, { ...input, generation: next });
  const key = READ[kind](needs.masterKey, purchaseId, next);
  await rotateApiKey(transaction, { kind, subject: purchaseId, overlapSeconds, key });
  return next;
}
