export { checkout } from "./checkout.ts";
export { deliverNotice } from "./deliver-notice.ts";
export { purchase } from "./purchase-lifecycle.ts";
export { reconcileLedger } from "./reconcile-ledger.ts";
export { releaseStaleHolds } from "./release-stale-holds.ts";
export { sweepDeposit } from "./sweep-deposit.ts";
export { watchChain } from "./watch-chain.ts";
