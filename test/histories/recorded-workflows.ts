/** Which workflow each recorded history is of, by the name of its file here and in `workflows/`. */
export const RECORDED_WORKFLOWS: Readonly<Record<string, string>> = {
  checkout: "checkout",
  "close-wakes": "closeWakes",
  "deliver-alert": "deliverAlert",
  "deliver-email": "deliverEmail",
  "deliver-notice": "deliverNotice",
  "deliver-officex": "deliverOfficex",
  "find-stuck": "findStuck",
  "purchase-lifecycle": "purchase",
  "reconcile-chains": "reconcileChains",
  "reconcile-ledger": "reconcileLedger",
  "refund-deposit": "refundDeposit",
  "release-stale-holds": "releaseStaleHolds",
  "rotate-credentials": "rotateCredentials",
  "sweep-deposit": "sweepDeposit",
  "watch-chain": "watchChain",
  "watch-gas-tanks": "watchGasTanks",
};
