import { defineSearchAttributeKey } from "@temporalio/common";
import { setCurrentDetails, upsertSearchAttributes } from "@temporalio/workflow";
import { bulk } from "./activity-proxies.ts";

/**
 * `reconcile-ledger-<time>`, every night: recomputes the books. Books that are not sound end the run with NeedsReview set and the
 * findings as its result; nothing is repaired by itself.
 */
export async function reconcileLedger(): Promise<string> {
  const { sound, summary } = await bulk.tendBooks();
  setCurrentDetails(summary);
  if (!sound) {
    upsertSearchAttributes([
      { key: defineSearchAttributeKey("NeedsReview", "BOOL"), value: true },
      { key: defineSearchAttributeKey("StuckReason", "KEYWORD"), value: "ledger_drift" },
    ]);
  }
  return summary;
}
