import { readBalance } from "../../../ledger/balances.ts";
import { accounts } from "../../../ledger/chart-of-accounts.ts";
import type { Nanodollars } from "../../../money/nanodollars.ts";
import type { Database } from "../../../platform/database/pool.ts";
import type { Checkout } from "../checkout-store.ts";
import { findCheckout } from "../checkout-store.ts";
import type { PurchaseEvent } from "../event-store.ts";
import { findEvent, findEventTypes } from "../event-store.ts";
import { isEnding } from "../lifecycle.ts";
import type { Purchase } from "../purchase-store.ts";
import { findPurchase } from "../purchase-store.ts";
import type { Ending } from "./officex-status.ts";

/** A purchase as it is at this moment, with all that telling somebody about it needs. */
export type ToldPurchase = {
  readonly purchase: Purchase;
  readonly checkout: Checkout;
  readonly balance: Nanodollars;
  readonly ending: Ending;
};

/** The vendor as texts name it; without a public address texts carry no links. */
export type TellingVendor = {
  readonly name: string;
  readonly publicUrl: string | null;
  readonly supportUrl: string | null;
};

/** Reads an event together with its purchase's present state; null when there is no such event. */
export async function readTold(
  database: Database,
  eventId: string,
): Promise<(ToldPurchase & { readonly event: PurchaseEvent }) | null> {
  const event = await findEvent(database, eventId);
  const told = event === null ? null : await readToldPurchase(database, event.purchaseId);
  return event === null || told === null ? null : { ...told, event };
}

/** Reads a purchase's present state; null when there is no such purchase. */
export async function readToldPurchase(database: Database, purchaseId: string): Promise<ToldPurchase | null> {
  const purchase = await findPurchase(database, purchaseId);
  const checkout = purchase === null ? null : await findCheckout(database, { id: purchase.checkoutId });
  if (purchase === null || checkout === null) return null;
  const { available } = await readBalance(database, accounts.purchase(purchase.id));
  const ending = isEnding(purchase.status) ? await readEnding(database, purchase) : null;
  return { purchase, checkout, balance: available, ending };
}

async function readEnding(database: Database, { id, endReason }: Purchase): Promise<Ending> {
  const types = await findEventTypes(database, { purchaseId: id, types: ["purchase.refunded"] });
  if (types.has("purchase.refunded")) return "refunded";
  return endReason === "customer_cancelled" ? "cancelled" : null;
}

/** The page that shows a purchase; it holds no secret: reading it needs the customer's key. */
export function billingUrl(vendor: TellingVendor, purchaseId: string): string | null {
  return vendor.publicUrl === null ? null : `${vendor.publicUrl}/purchase/${purchaseId}`;
}
