import type { Knex } from "knex";
import type { Purchase } from "./purchase-store.ts";
import { findPurchase } from "./purchase-store.ts";

const KEEP_MS = 5_000;
const MAXIMUM_ENTRIES = 20_000;

/** A purchase's terms and status for the metering path. */
export type PurchaseCache = {
  readonly read: (id: string) => Promise<Purchase | null>;
  /** Reads the purchase anew the next time: something ended it in this process. */
  readonly forget: (id: string) => void;
};

/**
 * Remembers purchases for five seconds, so that a metering server's burst costs one read and not thousands. Terms never change; a
 * status may be five seconds old, which only means that a charge may still land while termination begins. Concurrent readers of one
 * purchase share one query; misses are not remembered.
 */
export function createPurchaseCache(database: Knex): PurchaseCache {
  const entries = new Map<string, { readonly purchase: Promise<Purchase | null>; readonly until: number }>();
  return {
    forget: (id) => void entries.delete(id),
    read: (id) => {
      const known = entries.get(id);
      if (known !== undefined && known.until > performance.now()) return known.purchase;
      if (entries.size >= MAXIMUM_ENTRIES) entries.clear();
      const purchase = findPurchase(database, id);
      entries.set(id, { purchase, until: performance.now() + KEEP_MS });
      const forget = () => void entries.delete(id);
      purchase.then((found) => found === null && forget(), forget);
      return purchase;
    },
  };
}
