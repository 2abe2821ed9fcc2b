import { defineSearchAttributeKey } from "@temporalio/common";
import { setCurrentDetails, upsertSearchAttributes } from "@temporalio/workflow";
import { bulk } from "./activity-proxies.ts";

/**
 * `reconcile-chains-<time>`, every hour: compares what the chains hold with the books. Drift ends the run with NeedsReview set and each
 * place named in its result; nothing is repaired by itself.
 */
export async function reconcileChains(): Promise<string> {
  const { sound, summary } = await bulk.reconcileChains();
  setCurrentDetails(summary);
  if (!sound) {
    upsertSearchAttributes([
      { key: defineSearchAttributeKey("NeedsReview", "BOOL"), value: true },
      { key: defineSearchAttributeKey("StuckReason", "KEYWORD"), value: "chain_drift" },
    ]);
  }
  return summary;
}
