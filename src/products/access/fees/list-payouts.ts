import type { Database } from "../../../platform/database/pool.ts";
import { toPage } from "../telling/page.ts";
import { type PayoutStatus, payoutView } from "./payout.ts";
import { selectPayouts } from "./payout-store.ts";

/** A page of payouts as the wire shows them, newest first: one merchant's, or everybody's. */
export async function listPayouts(
  needs: { readonly database: Database },
  input: {
    readonly merchantId: string | null;
    readonly status: PayoutStatus | undefined;
    readonly cursor: string | undefined;
    readonly limit: number;
  },
) {
  const { merchantId, status = null, cursor = null, limit } = input;
  const rows = await selectPayouts(needs.database, { merchantId, status, before: cursor, limit: limit + 1 });
  const { items, nextCursor } = toPage(rows, { limit, cursorOf: ({ id }) => id });
  return { payouts: items.map(payoutView), nextCursor };
}
