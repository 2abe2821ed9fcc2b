import type { Knex } from "knex";
import { readBalance } from "../../ledger/balances.ts";
import { accounts } from "../../ledger/chart-of-accounts.ts";
import { formatDollars } from "../../money/nanodollars.ts";
import { raiseWake } from "../../platform/temporal/wake-store.ts";
import { findBucket } from "./bucket-store.ts";
import { PurchaseNotFound } from "./errors.ts";
import { isEnding } from "./lifecycle.ts";
import { CancelNotConfirmed } from "./lifecycle-errors.ts";
import { announce } from "./notices/announce.ts";
import { findPurchase, updatePurchase } from "./purchase-store.ts";

/** What a cancellation answers: where the purchase is now, why, and what its balance was at that moment. */
export type Cancellation = { readonly status: string; readonly reason: string | null; readonly balance: string };

/**
 * The customer ends a purchase: from this commit on nothing is metered, its workflow revokes access, deletes everything and sends back
 * what is left. Asked again it answers how far that is. Throws `purchase_not_found` and, unconfirmed, `cancel_not_confirmed`.
 */
export async function cancelPurchase(
  needs: { readonly database: Knex },
  input: { readonly purchaseId: string; readonly isConfirmed: boolean },
): Promise<Cancellation> {
  return needs.database.transaction(async (transaction) => {
    const purchase = await findPurchase(transaction, input.purchaseId, { lock: true });
    if (purchase === null) throw new PurchaseNotFound();
    const balance = formatDollars((await readBalance(transaction, accounts.purchase(purchase.id))).available);
    if (isEnding(purchase.status)) return { status: purchase.status, reason: purchase.endReason, balance };
    if (!input.isConfirmed) {
      const bucket = (await findBucket(transaction, purchase.id))?.bucket ?? null;
      throw new CancelNotConfirmed({ title: purchase.title, bucket, balance });
    }
    const change = { status: "terminating", endReason: "customer_cancelled" } as const;
    await updatePurchase(transaction, { id: purchase.id, ...change, graceEndsAt: purchase.graceEndsAt });
    const data = { reason: change.endReason, balance };
    await announce(transaction, { purchaseId: purchase.id, type: "purchase.cancelled", key: "cancelled", data });
    await raiseWake(transaction, `purchase/${purchase.id}`);
    return { status: change.status, reason: change.endReason, balance };
  });
}
