import type { Database } from "../../../platform/database/pool.ts";
import type { SettlementMode } from "../merchant.ts";
import { toPage } from "../telling/page.ts";
import { causesOf, refundDueView } from "./refund-due.ts";
import { selectPayersDue, selectRefundCauses } from "./refund-due-store.ts";

/** A page of what payers have left, as the wire shows it: at one merchant or at all, in one mode or in both. */
export async function listRefundsDue(
  needs: { readonly database: Database },
  input: {
    readonly merchantId: string | null;
    readonly mode: SettlementMode | null;
    readonly cursor: string | undefined;
    readonly limit: number;
  },
) {
  const { merchantId, mode, cursor = null, limit } = input;
  const rows = await selectPayersDue(needs.database, { merchantId, mode, after: cursor, limit: limit + 1 });
  const { items, nextCursor } = toPage(rows, { limit, cursorOf: ({ id }) => id });
  const refunds = await Promise.all(
    items.map(async (due) => refundDueView(due, causesOf(due, await selectRefundCauses(needs.database, due)))),
  );
  return { refunds, nextCursor };
}
