/** Which workflow each recorded history is of, by the name of its file here and in `workflows/`. */
export const RECORDED_WORKFLOWS: Readonly<Record<string, string>> = {
  checkout: "checkout",
  "deliver-notice": "deliverNotice",
  "purchase-lifecycle": "purchase",
  "reconcile-ledger": "reconcileLedger",
  "release-stale-holds": "releaseStaleHolds",
  "sweep-deposit": "sweepDeposit",
  "watch-chain": "watchChain",
};
