import type { Knex } from "knex";
import { accounts } from "../../ledger/chart-of-accounts.ts";
import { EntryNotFound } from "../../ledger/errors.ts";
import { explainEntry } from "../../ledger/explain.ts";
import { add, formatDollars, ZERO } from "../../money/nanodollars.ts";
import { UsageEventNotFound } from "./lifecycle-errors.ts";
import { findUsageRefusal } from "./usage-refusal-store.ts";

/** What became of a usage event: charged, which wins over an earlier refusal, or refused with its code. */
export type UsageResultView = {
  readonly event_id: string;
  readonly outcome: "charged" | "refused";
  readonly billed_amount: string | null;
  readonly entry_id: string | null;
  readonly at: string;
  readonly code: string | null;
  readonly detail: string | null;
};

/** Reads what became of one usage event of a purchase, whichever way it was reported. Throws `usage_event_not_found`. */
export async function readUsageResult(
  needs: { readonly database: Knex },
  event: { readonly purchaseId: string; readonly eventId: string },
): Promise<UsageResultView> {
  const charged = await findCharge(needs.database, event);
  if (charged !== null) return charged;
  const refusal = await findUsageRefusal(needs.database, event);
  if (refusal === null) throw new UsageEventNotFound();
  const { code, detail, refusedAt } = refusal;
  const nothing = { billed_amount: null, entry_id: null };
  return { event_id: event.eventId, outcome: "refused", ...nothing, at: refusedAt.toISOString(), code, detail };
}

async function findCharge(
  database: Knex,
  { purchaseId, eventId }: { readonly purchaseId: string; readonly eventId: string },
): Promise<UsageResultView | null> {
  const key = `usage:${accounts.purchase(purchaseId)}:${eventId}`;
  const entry = await explainEntry(database, key).catch((error: unknown) => {
    if (error instanceof EntryNotFound) return null;
    throw error;
  });
  if (entry === null) return null;
  return {
    event_id: eventId,
    outcome: "charged",
    billed_amount: formatDollars(add(ZERO, ...entry.transfers.map(({ amount }) => amount))),
    entry_id: entry.entryId,
    at: entry.postedAt.toISOString(),
    code: null,
    detail: null,
  };
}
