import type { Knex } from "knex";
import type { MasterKey } from "../../platform/secrets.ts";
import { deriveKey } from "../../platform/secrets.ts";
import { PurchaseNotFound } from "./errors.ts";
import { findPurchase } from "./purchase-store.ts";

/**
 * A purchase's first customer key. Derived from the master key and never stored (the database has its SHA-256), so the session that
 * bought can be shown it again for a day.
 */
export function readCustomerKey(masterKey: MasterKey, purchaseId: string): string {
  return `cbk_${deriveKey(masterKey, "customer-billing-key", purchaseId).toString("base64url")}`;
}

/** A purchase's first vendor key, for metering servers. Derived like the customer's, with a purpose of its own. */
export function readVendorKey(masterKey: MasterKey, purchaseId: string): string {
  return `vbk_${deriveKey(masterKey, "vendor-billing-key", purchaseId).toString("base64url")}`;
}

/** The vendor key of a purchase, for its operator. Throws `purchase_not_found`. */
export async function showVendorKey(
  needs: { readonly database: Knex; readonly masterKey: MasterKey },
  input: { readonly purchaseId: string },
): Promise<string> {
  const purchase = await findPurchase(needs.database, input.purchaseId);
  if (purchase === null) throw new PurchaseNotFound();
  return readVendorKey(needs.masterKey, purchase.id);
}
