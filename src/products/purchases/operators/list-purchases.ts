import type { Knex } from "knex";
import { readBalances } from "../../../ledger/balances.ts";
import { accounts } from "../../../ledger/chart-of-accounts.ts";
import { formatDollars } from "../../../money/nanodollars.ts";
import type { ListedPurchase, PurchaseSearch } from "./purchase-list-store.ts";
import { selectPurchases } from "./purchase-list-store.ts";

/** One page of purchases as operators see them, newest first; `nextCursor` continues it, null at the end. Reads Postgres only. */
export async function listPurchases(
  needs: { readonly database: Knex },
  search: Omit<PurchaseSearch, "limit"> & { readonly limit: number },
) {
  const rows = await selectPurchases(needs.database, { ...search, limit: search.limit + 1 });
  const page = rows.slice(0, search.limit);
  const names = page.map(({ id }) => accounts.purchase(id));
  const balances = names.length === 0 ? new Map() : await readBalances(needs.database, names);
  const purchases = page.map((row) => {
    const balance = balances.get(accounts.purchase(row.id));
    return showListed(row, balance === undefined ? null : formatDollars(balance.available));
  });
  return { purchases, nextCursor: rows.length > page.length ? (page.at(-1)?.id ?? null) : null };
}

function showListed(row: ListedPurchase, balance: string | null) {
  return {
    id: row.id,
    title: row.title,
    kind: row.kind,
    offer_id: row.offerId,
    status: row.status,
    status_since: row.statusSince.toISOString(),
    balance,
    grace_ends_at: row.graceEndsAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
    org_id: row.orgId,
    user_id: row.userId,
    email: row.email,
    needs_attention: row.stuckStep !== null || row.attention > 0,
    stuck:
      row.stuckStep === null
        ? null
        : {
            step: row.stuckStep,
            code: row.stuckCode ?? "",
            reason: row.stuckReason ?? "",
            next_action: row.nextAction ?? "",
            since: row.stuckSince?.toISOString() ?? "",
          },
    workflow_id: `purchase/${row.id}`,
  };
}
